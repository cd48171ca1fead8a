"""A watched folder: who lays a file into it has it imported, and finds beside it what came of it.

A file is taken when it lay still: the same size, time and inode at two looks far enough apart, and
still so after it was read. It is imported from a copy of what was read, so never half of it. Names
are strangers' text: only a cleaned one is shown or written. Start at `Watch.ready` and `take`.
"""

import os
import stat
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fenhe_protocol.errors import Deferred, InputError, SetupError

MOST_FILES = 100  # of one look; the rest waits for the next
LARGEST_FILE = 256 * 1024 * 1024  # bytes
DONE, FAILED = "done", "failed"
_LONGEST_NAME = 80
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
        self.has_looked = False

    def ready(self, now: int) -> list[Path]:
        """The files that lay still long enough, the oldest first; SetupError `source.folder`."""
        there, self.has_looked = self._look(), True
        self._seen = {name: self._since(name, state, now) for name, state in there.items()}
        still = [n for n, (_, since) in self._seen.items() if now - since >= self._still]
        still.sort(key=lambda name: (there[name].mtime_ns, name))
        return [self._folder / name for name in still[:MOST_FILES]]

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


def put_away(path: Path, raw: bytes, folder: str, now: int) -> Path:
    """Move a file that was imported into `done` or `failed`; gives where.

    One that was overwritten meanwhile stays: it is another one now, and its turn comes.
    """
    target = _free(path.parent / folder, stamped(path.name, now))
    if path.stat().st_size == len(raw) and path.read_bytes() == raw:
        path.rename(target)
    return target


def stamped(name: str, now: int) -> str:
    """A file's cleaned name with the time before it."""
    return f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}-{shown(name)}"


def shown(name: str) -> str:
    """A stranger's file name as it may be shown and written: no control, no direction, not long."""
    text = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))
    kept = "".join("_" if _is_odd(each) else each for each in text).strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    if dot and len(suffix) <= 8:
        return f"{stem[:_LONGEST_NAME]}.{suffix}" if stem else f"file.{suffix}"
    return kept[:_LONGEST_NAME] or "file"


def _is_odd(character: str) -> bool:
    return unicodedata.category(character)[0] == "C" or character in '/\\:*?"<>|'


def _is_meant(entry: "os.DirEntry[str]") -> bool:
    name = entry.name
    passing = name.startswith(_BEGINNINGS) or name.lower().endswith(_UNFINISHED)
    return not passing and not name.endswith("~") and entry.is_file(follow_symlinks=False)


def _free(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    stem, suffix = Path(name).stem, Path(name).suffix
    names = (name, *(f"{stem}-{number}{suffix}" for number in range(2, 10_000)))
    return next(folder / each for each in names if not (folder / each).exists())


def _no_folder(folder: Path, error: OSError) -> SetupError:
    return SetupError("source.folder", where=str(folder), found=str(error.strerror))
