"""A watched folder: who lays a file into it has it imported, and finds beside it what came of it.

A file is taken when it lay still: the same size, time and inode at two looks far enough apart, and
still so after it was read. It is imported from a copy of what was read, so never half of it. Names
are strangers' text: only a cleaned one is shown or written. Start at `Watch.ready` and `take`.
"""

import os
import stat
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EACCES, ENOTDIR
from pathlib import Path

from fenhe_protocol.errors import Deferred, InputError, SetupError

MOST_FILES = 100  # of one look; the rest waits for the next
LARGEST_FILE = 256 * 1024 * 1024  # bytes
DONE, FAILED = "done", "failed"
_LONGEST_NAME = 80
_LONGEST_BYTES = 240  # a file system takes 255
_LONGEST_STAMPED = 200  # leaves room for what is written after it
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart", ".lock")
_BEGINNINGS = (".", "~$", ".~lock")


@dataclass(frozen=True)
class State:
    """What tells whether a file moved."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> "State":
        """Take it from what the system says of a file."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


class Watch:
    """Looks at one folder again and again and remembers since when each file lies still."""

    def __init__(self, folder: Path, still_seconds: int) -> None:
        self._folder, self._still = folder, still_seconds
        self._seen: dict[str, tuple[State, int]] = {}
        self._taken: dict[str, State] = {}
        self.has_looked = False

    def ready(self, now: int) -> list[Path]:
        """The files that lay still long enough, the oldest first; SetupError `source.folder`."""
        there, self.has_looked = self._look(), True
        _check_room(self._folder, self._folder.stat)
        for room in (self._folder / DONE, self._folder / FAILED):
            _check_room(room, room.lstat)
        self._seen = {name: self._since(name, state, now) for name, state in there.items()}
        self._taken = {n: state for n, state in self._taken.items() if there.get(n) == state}
        waiting = {n: since for n, (_, since) in self._seen.items() if n not in self._taken}
        still = [name for name, since in waiting.items() if now - since >= self._still]
        still.sort(key=lambda name: (there[name].mtime_ns, name))
        return [self._folder / name for name in still[:MOST_FILES]]

    def taken(self, path: Path) -> None:
        """Do not name this file again, should it lie there still, as long as it stays as it is."""
        if path.name in self._seen:
            self._taken[path.name] = self._seen[path.name][0]

    def again(self, path: Path) -> None:
        """Name it again all the same: nothing of it was imported."""
        self._taken.pop(path.name, None)

    def _since(self, name: str, state: State, now: int) -> tuple[State, int]:
        before = self._seen.get(name)
        moved = before is None or before[0] != state or before[1] > now  # a clock was set back
        return (state, now) if moved or before is None else before

    def _look(self) -> dict[str, State]:
        try:
            with os.scandir(self._folder) as entries:
                files = [each for each in entries if _is_meant(each)]
                return {each.name: State.of(each.stat(follow_symlinks=False)) for each in files}
        except FileNotFoundError as error:
            if not self._folder.is_dir():
                raise _no_folder(self._folder, error) from error
            return {}  # one of the files went while we looked
        except OSError as error:
            raise _no_folder(self._folder, error) from error


def read_whole(path: Path) -> bytes:
    """Read a file that nobody writes to meanwhile; Deferred `source.moving`, InputError."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise InputError(
            "source.unreadable", where=shown(path.name), found=str(error.errno)
        ) from error
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise InputError("source.unreadable", where=shown(path.name), expected="文件 a file")
        if before.st_size > LARGEST_FILE:
            raise InputError("source.size", where=shown(path.name), expected=f"≤ {LARGEST_FILE}")
        raw = file.read(LARGEST_FILE + 1)
        after = os.fstat(file.fileno())
    if State.of(before) != State.of(after) or len(raw) != before.st_size:
        raise Deferred("source.moving", where=shown(path.name))
    return raw


def put_away(path: Path, raw: bytes | None, folder: str, now: int) -> Path:
    """Move a file that was imported into `done` or `failed`; gives where. SetupError.

    One that was overwritten meanwhile stays: it is another one now, and its turn comes. `raw` is
    None where it could not be read.
    """
    try:
        target = _free(path.parent / folder, stamped(path.name, now))
        if raw is None or _is_still(path, raw):
            path.rename(target)
    except FileNotFoundError:
        pass  # somebody took it away
    except OSError as error:
        raise _no_folder(path.parent / folder, error) from error
    return target


def lay_beside(path: Path, raw: bytes) -> None:
    """Write a file where others may write too: never through a link that lies there."""
    try:
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
    except OSError as error:
        raise _no_folder(path.parent, error) from error


def stamped(name: str, now: int) -> str:
    """A file's cleaned name with the time before it."""
    stem, dot, suffix = shown(name).rpartition(".")
    cut = _cut(stem, f".{suffix}", _LONGEST_STAMPED) if dot else _cut(suffix, "", _LONGEST_STAMPED)
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}-{cut}"


def shown(name: str) -> str:
    """A stranger's file name as it may be shown and written: no control, no direction, not long."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    kept = "".join("_" if _is_odd(each) else each for each in text).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 8:
        return _cut(stem[:_LONGEST_NAME] or "file", f".{suffix}", _LONGEST_BYTES)
    return _cut(kept[:_LONGEST_NAME] or "file", "", _LONGEST_BYTES)


def _cut(stem: str, suffix: str, most: int) -> str:
    """Both, in so many bytes of UTF-8."""
    return stem.encode()[: most - len(suffix.encode())].decode("utf-8", "ignore") + suffix


def _is_odd(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or character in '/\\:*?"<>|'


def _is_meant(entry: "os.DirEntry[str]") -> bool:
    name = entry.name
    passing = name.startswith(_BEGINNINGS) or name.lower().endswith(_UNFINISHED)
    return not passing and not name.endswith("~") and entry.is_file(follow_symlinks=False)


def _is_still(path: Path, raw: bytes) -> bool:
    try:
        return read_whole(path) == raw
    except (Deferred, InputError):
        return False


def _check_room(folder: Path, look: Callable[[], os.stat_result]) -> None:
    """What could not be put away would be imported again and again; SetupError `source.folder`."""
    try:
        if not stat.S_ISDIR(look().st_mode):
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
    except FileNotFoundError:
        return  # it is made when something is put there
    except OSError as error:
        raise _no_folder(folder, error) from error


def _free(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem, suffix = Path(name).stem, Path(name).suffix
    names = (name, *(f"{stem}-{number}{suffix}" for number in range(2, 10_000)))
    return next(folder / each for each in names if not (folder / each).exists())


def _no_folder(folder: Path, error: OSError) -> SetupError:
    return SetupError("source.folder", where=str(folder), found=str(error.strerror))
