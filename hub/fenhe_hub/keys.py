"""The hub's private keys: made once from the operating system, kept as hex seeds, mode 0600.

Each serves one purpose (feed §5): `log` signs `fed`, `root` signs root documents, `request` signs
what the hub asks of nodes, `mirror` cosigns what the mirror durably holds.
"""

import os
import stat
from dataclasses import dataclass, fields
from pathlib import Path

from fenhe_protocol.errors import SetupError
from fenhe_protocol.keys import SigningKey

_SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class HubKeys:
    """The keys of one hub."""

    log: SigningKey
    root: SigningKey
    request: SigningKey
    mirror: SigningKey


def make_keys(folder: Path) -> HubKeys:
    """Write fresh seeds into `folder`; a file already there is never written over."""
    seeds = {each.name: make_seed(folder / f"{each.name}.seed") for each in fields(HubKeys)}
    return HubKeys(**{name: SigningKey.from_seed(seed) for name, seed in seeds.items()})


def load_keys(folder: Path) -> HubKeys:
    """Read the seeds; SetupError if one is absent, malformed or readable by others."""
    seeds = {each.name: load_seed(folder / f"{each.name}.seed") for each in fields(HubKeys)}
    return HubKeys(**{name: SigningKey.from_seed(seed) for name, seed in seeds.items()})


def make_seed(file: Path) -> bytes:
    """Write 32 fresh bytes as hex, for the owner's eyes alone; FileExistsError."""
    seed = os.urandom(_SEED_BYTES)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(seed.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    return seed


def load_seed(file: Path) -> bytes:
    """Read such a file; SetupError `keys.*`."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("keys.absent", where=str(file), found=type(error).__name__) from error
    if mode & 0o077:
        raise SetupError("keys.mode", where=str(file), expected="0600", found=f"{mode:04o}")
    return _seed(file, text)


def _seed(file: Path, text: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != _SEED_BYTES:
        # The contents are a secret even when they are wrong.
        raise SetupError("keys.form", where=str(file), expected="64 hex characters")
    return seed
