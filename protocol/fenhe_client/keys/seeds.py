"""Private keys as files: 32 bytes from the operating system, in hex, for the owner's eyes alone."""

import errno
import os
import stat
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_protocol.errors import SetupError

SEED_BYTES = 32
SUFFIX = ".seed"

_ADVICE_MODE = (
    "chmod 600; U 盘不记权限的, 先拷到本机磁盘; "
    "on a stick that keeps no modes: copy it to the disk first"
)


def make_seed(file: Path) -> bytes:
    """Write 32 fresh bytes as hex, mode 0600, durably; FileExistsError."""
    seed = os.urandom(SEED_BYTES)
    keep_secret(file, seed)
    return seed


def keep_secret(file: Path, secret: bytes) -> None:
    """Write it as hex, mode 0600, durably and whole or not at all; FileExistsError."""
    if os.path.lexists(file):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file))
    # Half a key that a killed program left under the key's own name would stop every command.
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secret.hex() + "\n")
        out.flush()
        os.fsync(out.fileno())
    new.rename(file)
    # A signed document may name this key at once: its file must outlive a power cut.
    Disk().flush(file.parent)


def load_seed(file: Path) -> bytes:
    """Read such a file; SetupError `keys.*`."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("keys.absent", where=str(file), found=type(error).__name__) from error
    if mode & 0o077:
        raise SetupError(
            "keys.mode", where=str(file), expected="0600", found=f"{mode:04o}", advice=_ADVICE_MODE
        )
    return _seed(file, text)


def _seed(file: Path, text: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        # The contents are a secret even when they are wrong.
        raise SetupError("keys.form", where=str(file), expected="64 hex characters")
    return seed


def free_seed_file(folder: Path, purpose: str) -> Path:
    """`log.seed`, or where keys came before, `log-2.seed` …: a name that was never taken."""
    number = 1
    while os.path.lexists(file := folder / f"{purpose}{_numbered(number)}{SUFFIX}"):
        number += 1
    return file


def _numbered(number: int) -> str:
    return f"-{number}" if number > 1 else ""
