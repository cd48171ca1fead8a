"""A disk that remembers what was done to it, and what of that survives a power cut.

Until it is flushed, a file's content may be there, be the one before, or be lost; a name made,
moved or taken away in a folder may be so or not. `Medium` replays recorded steps up to the cut and
lets a `chance` decide each of these alone; steps that were flushed are never in doubt.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import Head, HeadStore

Step = tuple[str, Path, object]
Chance = Callable[[], bool]
"""Whether one thing that was not flushed survives."""


class RecordingDisk(Disk):
    """Does what it is told and writes it down."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self._steps = steps

    def make_folder(self, folder: Path) -> None:
        super().make_folder(folder)
        self._steps.append(("folder", folder, None))

    def write(self, path: Path, data: bytes) -> None:
        super().write(path, data)
        self._steps.append(("write", path, data))

    def flush(self, path: Path) -> None:
        super().flush(path)
        self._steps.append(("flush", path, None))

    def flush_filesystem(self, handle: int) -> None:
        super().flush_filesystem(handle)
        self._steps.append(("flush all", Path(), None))

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self._steps.append(("rename", source, target))

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self._steps.append(("unlink", path, None))


class QuickDisk(Disk):
    """For what is looked at after the cut: nothing cuts it off again, so nothing is flushed."""

    def flush(self, path: Path) -> None:
        """Leave it to the system."""

    def flush_filesystem(self, handle: int) -> None:
        """Leave it to the system."""


class RecordingHeads(HeadStore):
    """A head store that writes down every state it commits among the steps of the disk."""

    def __init__(self, path: Path, steps: list[Step]) -> None:
        super().__init__(path)
        self._recorded, self._steps = path, steps

    def advance(self, name: str, old: Head | None, *, size: int, root: bytes, now: int) -> Head:
        head = super().advance(name, old, size=size, root=root, now=now)
        self._steps.append(("head", self._recorded, head))
        return head

    def reach(self, name: str, size: int) -> None:
        super().reach(name, size)
        self._steps.append(("head", self._recorded, self.get(name)))


@dataclass(eq=False)
class File:
    """Content as programs see it, and as it is on the medium (None: nothing of it yet)."""

    seen: bytes
    flushed: bytes | None = None


Names = dict[str, "File | Folder"]


@dataclass(eq=False)
class Folder:
    """Names as programs see them, and as they are on the medium."""

    seen: Names = field(default_factory=dict)
    flushed: Names = field(default_factory=dict)


class Medium:
    """The file system below `home` after some steps."""

    def __init__(self, home: Path, steps: Iterable[Step]) -> None:
        self._home = home
        self._root = Folder()
        self.head: Head | None = None
        for action, path, argument in steps:
            self._replay(action, path, argument)

    def _replay(self, action: str, path: Path, argument: object) -> None:
        match action, argument:
            case "head", Head() as head:
                self.head = head
            case "folder", _:
                self._folder(path.parent).seen.setdefault(path.name, Folder())
            case "write", bytes(data):
                self._write(path, data)
            case "flush", _ if path.is_relative_to(self._home):
                self._flush(self._find(path))
            case "flush all", _:
                self._flush_below(self._root)
            case "rename", Path() as target:
                moved = self._folder(path.parent).seen.pop(path.name)
                self._folder(target.parent).seen[target.name] = moved
            case "unlink", _:
                self._folder(path.parent).seen.pop(path.name, None)

    def _write(self, path: Path, data: bytes) -> None:
        found = self._folder(path.parent).seen.setdefault(path.name, File(b""))
        assert isinstance(found, File)
        found.seen = data

    def _find(self, path: Path) -> "File | Folder":
        found: File | Folder = self._root
        for name in path.relative_to(self._home).parts:
            assert isinstance(found, Folder)
            found = found.seen[name]
        return found

    def _folder(self, path: Path) -> Folder:
        found = self._find(path)
        assert isinstance(found, Folder)
        return found

    def _flush(self, what: "File | Folder") -> None:
        if isinstance(what, File):
            what.flushed = what.seen
        else:
            what.flushed = dict(what.seen)

    def _flush_below(self, folder: Folder) -> None:
        for each in folder.seen.values():
            self._flush(each)
            if isinstance(each, Folder):
                self._flush_below(each)
        self._flush(folder)

    def survive(self, home: Path, chance: Chance) -> None:
        """Write what is left after the cut into `home`."""
        _restore(self._root, home, chance)


def _restore(folder: Folder, place: Path, chance: Chance) -> None:
    place.mkdir(exist_ok=True)
    for name in sorted(folder.seen.keys() | folder.flushed.keys()):
        before, after = folder.flushed.get(name), folder.seen.get(name)
        what = after if before is after or chance() else before
        if isinstance(what, Folder):
            _restore(what, place / name, chance)
        elif isinstance(what, File):
            certain = what.flushed == what.seen
            (place / name).write_bytes(what.seen if certain or chance() else what.flushed or b"")
