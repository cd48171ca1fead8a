"""The passphrase of the file of keys: from a file, from what is piped in, or typed."""

from pathlib import Path

from fenhe_client.keys import typed_passphrase
from fenhe_client.keys.typed_passphrase import HELP

__all__ = ["HELP", "read_passphrase"]

_WHAT = "密钥文件的口令 passphrase of the file of keys"


def read_passphrase(file: Path | None, *, again: bool = False) -> str:
    """The passphrase; `again`: it is new, so that a person types it twice."""
    return typed_passphrase.read_passphrase(file, "backup.passphrase", _WHAT, again=again)
