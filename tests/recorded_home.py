"""A home of which every durable write is written down, and what a power cut after each leaves.

Of files that is what `tests.client.power_cut` says; of databases, which flush what they commit, the
last whole transaction; and `beside` is what is outside of the home, as it was then. Start at
`recorded` and `Recording.cut`.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.stored.disk import Disk
from tests.client.power_cut import Medium, Step

STEPS = {
    **{"write": "write", "flush": "flush", "rename": "rename", "unlink": "unlink"},
    **{"make_folder": "folder", "flush_filesystem": "flush all"},
}


@dataclass(frozen=True)
class Held:
    """What is whole at one moment: databases as bytes, by name, and what is outside."""

    databases: Mapping[str, bytes]
    beside: Any
    files: Mapping[Path, bytes]  # of folders in which each file flushes itself: keys


@dataclass
class Recording:
    """The steps of one run, and what was held after each; `held[0]` is from before the first."""

    home: Path
    databases: Sequence[str]
    beside: Callable[[], Any] = lambda: None
    folder: str = ""
    """Whose files flush themselves, so that they are there once the folder is flushed: `keys`."""
    watchful: bool = False
    """Whether databases are looked at with every step: where commits have too many places."""
    steps: list[Step] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    _folders: set[Path] = field(default_factory=set)

    def meet(self, path: Path) -> None:
        """Write down the folders on the way there that were made past the disk, as for a lock."""
        for folder in reversed([path, *path.parents]):
            if folder != self.home and folder.is_relative_to(self.home) and folder.is_dir():
                if folder not in self._folders:
                    self.add(("folder", folder, None), looked=False)
                self._folders.add(folder)

    def add(self, step: Step, *, looked: bool) -> None:
        """One more step; with `looked`, databases and what is outside have changed."""
        now = self.look(self.held[-1].files) if looked else self.held[-1]
        if self.folder and step[:2] == ("flush", self.home / self.folder):
            step, now = ("commit", Path(), None), replace(now, files=self.flushed())
        self.steps.append(step)
        self.held.append(now)

    def look(self, files: Mapping[Path, bytes]) -> Held:
        """What is whole now."""
        found = [name for name in self.databases if (self.home / name).exists()]
        databases = {name: _bytes_of(self.home / name) for name in found}
        return Held(databases, self.beside(), files)

    def flushed(self) -> Mapping[Path, bytes]:
        """The files of the folder as they are."""
        found = (self.home / self.folder).rglob("*") if self.folder else ()
        return {each.relative_to(self.home): each.read_bytes() for each in found if each.is_file()}

    def cut(self, count: int, copy: Path, into: Path, kept: Iterable[str]) -> str:
        """A home as a cut after so many steps leaves it; a digest of all of it.

        `copy` is the home from before; what of it is `kept` is never written.
        """
        before = self._before(copy, {*kept, self.folder})
        Medium(self.home, [*before, *self.steps[:count]]).survive(into, lambda: False)
        for file, content in self.held[count].files.items():
            (into / file).parent.mkdir(exist_ok=True)
            (into / file).write_bytes(content)
            (into / file).chmod(0o600)
        for name in kept:
            if (copy / name).is_dir():
                shutil.copytree(copy / name, into / name)
            elif (copy / name).exists():
                shutil.copy2(copy / name, into / name)
        for name, content in self.held[count].databases.items():
            (into / name).write_bytes(content)
        files = sorted(each for each in into.rglob("*") if each.is_file())
        known = [(str(each.relative_to(into)), each.read_bytes()) for each in files]
        return sha256(repr((known, self.held[count].beside)).encode()).hexdigest()

    def _before(self, copy: Path, kept: set[str]) -> Iterator[Step]:
        for path in sorted(copy.rglob("*")):
            within = path.relative_to(copy)
            if within.parts[0] in kept or within.name.startswith(tuple(self.databases)):
                continue
            place = self.home / within
            is_folder = path.is_dir()
            yield ("folder", place, None) if is_folder else ("write", place, path.read_bytes())
        yield "flush all", Path(), None


def _bytes_of(file: Path) -> bytes:
    with closing(sqlite3.connect(file)) as database:
        return database.serialize()


@contextmanager
def recorded(recording: Recording, *commits: tuple[type, str]) -> Iterator[None]:
    """Write down what goes to the disk, and each of `commits`: methods by class and name."""
    recording.held = [recording.look(recording.flushed())]
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(Disk, name, _written_down(recording, name))
        for kind, name in commits:
            patch.setattr(kind, name, _committed(recording, getattr(kind, name), name))
        yield


def _written_down(recording: Recording, name: str) -> Callable[..., None]:
    do = getattr(Disk, name)

    def done(disk: Disk, *given: Any) -> None:
        do(disk, *given)
        path = given[0] if isinstance(given[0], Path) else Path()
        if path == Path() or path.is_relative_to(recording.home):
            argument = given[1] if len(given) > 1 else None
            recording.meet(path)
            recording.add((STEPS[name], path, argument), looked=recording.watchful)

    return done


def _committed(recording: Recording, whole: Callable[..., Any], name: str) -> Any:
    def committed() -> None:
        recording.add(("commit", Path(), None), looked=True)

    @contextmanager
    def transaction(self: Any) -> Iterator[None]:
        with whole(self):
            yield
        committed()

    @wraps(whole)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        answer = whole(self, *given, **named)
        committed()
        return answer

    return transaction if name == "transaction" else call
