"""The node's three private keys: made once from the operating system, kept as hex, mode 0600.

A key serves one purpose (feed §5): `log` signs checkpoints, `root` signs root documents, `request`
signs what the node asks of a hub.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """The keys of one node."""

    log: SigningKey
    root: SigningKey
    request: SigningKey


def make_keys(folder: Path) -> NodeKeys:
    """Write three fresh seeds into `folder`; a file already there is never written over."""
    return NodeKeys(*(_make(_file(folder, purpose)) for purpose in ("log", "root", "request")))


def load_keys(folder: Path) -> NodeKeys:
    """Read the three seeds; SetupError if one is absent, malformed or readable by others."""
    return NodeKeys(*(_load(_file(folder, purpose)) for purpose in ("log", "root", "request")))


def _file(folder: Path, purpose: str) -> Path:
    return folder / f"{purpose}.seed"


def _make(file: Path) -> SigningKey:
    seed = os.urandom(SEED_BYTES)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(seed.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return SigningKey.from_seed(seed)


def _load(file: Path) -> SigningKey:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("keys.absent", where=str(file), found=type(error).__name__) from error
    if mode & 0o077:
        raise SetupError(
            "keys.mode", where=str(file), expected="0600", found=f"{mode:04o}", advice="chmod 600"
        )
    return SigningKey.from_seed(_seed(file, text))


def _seed(file: Path, text: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        # The contents are a secret even when they are wrong.
        raise SetupError("keys.form", where=str(file), expected="64 hex characters")
    return seed
