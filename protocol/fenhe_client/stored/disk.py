"""Durable writing: temporary name, flush, rename, flush of the folder (feed §6.5).

`replace_files` and `remove_files` are what the rest uses; after they return, the change outlives a
power cut, and before that each file is either its old self or its new self. What is to be shown
later is written by `write_apart` and goes to its place by `move_files`. Every change goes through
the few methods of `Disk`, which a test records and replays with the power cut anywhere.
"""

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fenhe_protocol.errors import StoreError

MANY_FILES = 32
MOUNTS = Path("/proc/self/mountinfo")
PLAIN_FILE_SYSTEMS = frozenset({"ext4", "xfs", "f2fs", "tmpfs"})


class Disk:
    """The primitives, each one system call or the one flush that belongs to it."""

    def __init__(self) -> None:
        self.settled: set[Path] = set()  # folders whose own name is known to be on the medium

    def make_folder(self, folder: Path) -> None:
        """Make one folder in an existing one."""
        folder.mkdir(exist_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        """Write a file, without any promise for after a power cut."""
        path.write_bytes(data)

    def flush(self, path: Path) -> None:
        """Bring a file's content, or a folder's names, onto the medium."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def flush_filesystem(self, handle: int) -> None:
        """Bring everything written to the file system of an open folder onto the medium."""
        _syncfs(handle)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in the place of another, or where there is none, of the same file system."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """Take a file away; it may be gone already."""
        path.unlink(missing_ok=True)


def replace_files(disk: Disk, files: Mapping[Path, bytes]) -> None:
    """Write whole files, making their folders; StoreError `store.write`, and then some may be new.

    Many files are flushed by one syncfs instead of an fsync each, their new names by a second one
    (1,200 files: 0.05 s for 0.28 s on ext4, and far more where a flush waits for a platter).
    """
    temporary = {path: _temporary(path) for path in files}
    with _places_of(disk, files) as (folders, handles):
        for path, data in files.items():
            disk.write(temporary[path], data)
        _flush_all(disk, handles, temporary.values())
        for path, written in temporary.items():
            disk.rename(written, path)
        _flush_all(disk, handles, folders)


def write_apart(disk: Disk, files: Mapping[Path, bytes]) -> None:
    """Write files that count only once something else says so; StoreError `store.write`.

    They outlive a power cut when this returns, and may be torn by one before.
    """
    with _places_of(disk, files) as (folders, handles):
        for path, data in files.items():
            disk.write(path, data)
        _flush_all(disk, handles, (*files, *folders))


def move_files(disk: Disk, moves: Mapping[Path, Path]) -> None:
    """Put flushed files in their places, by target; StoreError `store.write`, some may have moved.

    When this returns they stand there for good, and may stand where they were before too.
    """
    with _places_of(disk, moves) as (folders, handles):
        for target, source in moves.items():
            _move(disk, source, target)
        _flush_all(disk, handles, folders)


def _move(disk: Disk, source: Path, target: Path) -> None:
    os.utime(source)  # it is as old as it stands there
    try:
        disk.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        replace_files(disk, {target: source.read_bytes()})


@contextlib.contextmanager
def _places_of(disk: Disk, files: Collection[Path]) -> Iterator[tuple[list[Path], list[int]]]:
    """The folders of files, made; and if they are many, what to flush their file systems by."""
    folders = sorted({path.parent for path in files})
    with _as_store_error(), _open_handles() as handles:
        for folder in folders:
            _settle(disk, folder)
        if len(files) >= MANY_FILES:
            # Opened before the first write: syncfs tells of errors since the opening only.
            handles += map(_open_folder, _to_flush_whole(folders))
        yield folders, handles


def _flush_all(disk: Disk, handles: Sequence[int], paths: Iterable[Path]) -> None:
    """Bring these onto the medium: by their whole file systems where those stand open."""
    for handle in handles:
        disk.flush_filesystem(handle)
    for path in () if handles else paths:
        disk.flush(path)


def remove_files(disk: Disk, paths: Iterable[Path]) -> None:
    """Take files away, with what a killed writer left of them; StoreError `store.write`."""
    with _as_store_error():
        gone = [path for path in paths if path.parent.is_dir()]
        for path in gone:
            disk.unlink(path)
            disk.unlink(_temporary(path))
        for folder in sorted({path.parent for path in gone}):
            disk.flush(folder)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _settle(disk: Disk, folder: Path) -> None:
    """Make a folder and its parents, each name flushed before anything is made inside.

    One that is there already may have been made by a process that was killed before the flush, so
    every process flushes each folder's name once, if it may: a home's own parent may be foreign.
    """
    if folder in disk.settled:
        return
    if folder.is_dir():
        with contextlib.suppress(PermissionError):
            disk.flush(folder.parent)
    else:
        _settle(disk, folder.parent)
        disk.make_folder(folder)
        disk.flush(folder.parent)
    disk.settled.add(folder)


def _to_flush_whole(folders: Iterable[Path]) -> list[Path]:
    """One folder of each file system, if syncfs can be relied on for all of them, else none."""
    one = {folder.stat().st_dev: folder for folder in folders}
    can = _SYNCFS is not None and one.keys() <= _plain_devices()
    return list(one.values()) if can else []


def _plain_devices() -> set[int]:
    """The devices of local file systems; to one in user space syncfs may never be told."""
    try:
        raw = MOUNTS.read_bytes()  # what is mounted where has names that are no text
    except OSError:
        return set()
    plain = {name.encode() for name in PLAIN_FILE_SYSTEMS}
    found = set()
    for line in raw.split(b"\n"):
        mount, _, kind = line.partition(b" - ")
        if kind.partition(b" ")[0] in plain:
            found.add(os.makedev(*map(int, mount.split(b" ")[2].split(b":"))))
    return found


def _open_folder(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_CLOEXEC)


@contextlib.contextmanager
def _open_handles() -> Iterator[list[int]]:
    handles: list[int] = []
    try:
        yield handles
    finally:
        for handle in handles:
            os.close(handle)


@contextlib.contextmanager
def _as_store_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            "store.write", where=str(error.filename or ""), found=str(error)
        ) from error


def _find_syncfs() -> Callable[[int], int] | None:
    # Before Linux 5.8 syncfs kept write errors to itself, so it is no flush one could rely on.
    try:
        release = os.uname().release.split(".")
        if (int(release[0]), int(release[1].split("-")[0])) < (5, 8):
            return None
        found: Callable[[int], int] = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, ValueError, IndexError):
        return None
    return found


def _syncfs(handle: int) -> None:
    if _SYNCFS is None or _SYNCFS(handle) != 0:
        raise OSError(ctypes.get_errno(), "syncfs")


_SYNCFS = _find_syncfs()
