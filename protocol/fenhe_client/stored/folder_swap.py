"""A whole folder in the place of another, at once: who looks sees the old one or the new one."""

import ctypes
import os
import shutil
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_protocol.errors import StoreError

AT_ONCE = 500  # files
_AT_FDCWD, _EXCHANGE = -100, 2


def replace_folder(target: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write `files` (relative path, bytes) as the folder `target`, and count them; StoreError.

    Everybody may read it, whatever the umask, as a web server has another account. All is on the
    medium before the names change. Where the system cannot exchange two folders the
    old one is moved aside first, and for a moment there is none.
    """
    target = target.resolve()  # a link to it stays a link
    fresh, old = _beside(target, "new"), _beside(target, "old")
    try:
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
        fresh.mkdir(parents=True)
        count = _write(fresh, files)
        _open_to_all(fresh)
        if not target.exists():
            fresh.rename(target)
        elif not _exchange(fresh, target):
            target.rename(old)
            fresh.rename(target)
        Disk().flush(target.parent)
        for leftover in (fresh, old):
            shutil.rmtree(leftover, ignore_errors=True)
    except OSError as error:
        raise StoreError("store.write", where=str(target), found=str(error)) from error
    return count


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Some at a time, so that a large site is never in memory as a whole."""
    disk, count, rest = Disk(), 0, iter(files)
    while some := dict(islice(rest, AT_ONCE)):
        replace_files(disk, {folder / name: data for name, data in some.items()})
        count += len(some)
    return count


def _open_to_all(folder: Path) -> None:
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o755 if each.is_dir() else 0o644)


def _beside(target: Path, what: str) -> Path:
    return target.with_name(f".{target.name}.{what}")


def _exchange(one: Path, other: Path) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; False where the system or the file system has none."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    found: int = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
    return found == 0
