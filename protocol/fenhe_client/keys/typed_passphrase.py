"""A passphrase: from a file, from what is piped in, or typed."""

import getpass
import sys
from pathlib import Path

from fenhe_protocol.errors import InputError

HELP = "口令存放的文件; 不给则输入 a file that holds it, else it is asked for"


def read_passphrase(file: Path | None, code: str, what: str, *, again: bool = False) -> str:
    """The passphrase; `again`: it is new, so that a person types it twice. InputError `code`."""
    if file is not None:
        return file.read_text(encoding="utf-8").rstrip("\r\n")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(f"{what}: ")
    if again and first != getpass.getpass("再输一次 again: "):
        raise InputError(code, found="两次不同 not the same twice")
    return first
