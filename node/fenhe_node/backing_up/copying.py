"""The files of a home copied to a folder, while others read and write them. Start at `Copying`.

Files are replaced by rename and never changed in place, so that each is copied whole at any time;
that all of them are of one moment is seen to by copying twice: `copy` everything without any lock,
then under the home's lock what changed since, which is little. Databases are SQLite's to copy.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fenhe_node.backing_up.content import content_of, is_database
from fenhe_node.home import Home
from fenhe_protocol.errors import StoreError

_AT_ONCE = 1 << 20  # bytes
_PATIENCE_SECONDS = 60
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
Stamp = tuple[int, int, int]


class Copying:
    """One home on its way into `target`, an empty folder of this account alone."""

    def __init__(self, home: Home, target: Path) -> None:
        self._home, self._target = home, target
        self._stamps: dict[str, Stamp] = {}
        self.files: dict[str, tuple[int, str]] = {}  # size and hex SHA-256 by path

    def copy(self) -> None:
        """Copy what is not copied yet or has changed, and take away what is gone."""
        paths = [path for path in content_of(self._home) if not is_database(self._file(path))]
        for path in self._stamps.keys() - paths:
            self._forget(path)
        for path in sorted(paths):
            self._copy_file(path)

    def copy_databases(self) -> None:
        """Copy what SQLite keeps, each as it stands between two transactions."""
        for path in sorted(content_of(self._home)):
            if is_database(self._file(path)):
                self._copy_database(path)

    def _copy_file(self, path: str) -> None:
        source, target = self._file(path), self._target / path
        try:
            with source.open("rb") as file:
                status = os.fstat(file.fileno())
                stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
                if self._stamps.get(path) == stamp:
                    return
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                digest = hashlib.sha256()
                # No chmod: sticks and shares that know no modes refuse it.
                with os.fdopen(os.open(target, _NEW, 0o600), "wb") as out:
                    while raw := file.read(_AT_ONCE):
                        digest.update(raw)
                        out.write(raw)
        except FileNotFoundError:
            return self._forget(path)  # gone since it was listed
        except OSError as error:
            raise _failed(error) from error
        self._stamps[path] = stamp
        self.files[path] = (target.stat().st_size, digest.hexdigest())

    def _copy_database(self, path: str) -> None:
        target = self._target / path
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            source = sqlite3.connect(self._file(path), timeout=_PATIENCE_SECONDS)
            with closing(source), closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
            self.files[path] = (target.stat().st_size, sha256(target))
        except (OSError, sqlite3.Error) as error:
            raise _failed(error, str(target)) from error

    def _forget(self, path: str) -> None:
        self._stamps.pop(path, None)
        self.files.pop(path, None)
        (self._target / path).unlink(missing_ok=True)

    def _file(self, path: str) -> Path:
        return self._home.path / path


def sha256(file: Path) -> str:
    """The hex SHA-256 of a file of any size."""
    digest = hashlib.sha256()
    for raw in _pieces(file):
        digest.update(raw)
    return digest.hexdigest()


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while raw := opened.read(_AT_ONCE):
            yield raw


def _failed(error: Exception, where: str = "") -> StoreError:
    place = where or str(getattr(error, "filename", "") or "")
    return StoreError("backup.failed", where=place, found=str(error))
