"""The signed heads of this program's own logs and mirrors: one row each, in a file of its own.

This file is what keeps a killed or copied program from signing two roots for one size: nothing is
signed before `advance` has moved the row on from exactly the state the signer knew. It stands apart
from the feed files and is never part of their backup (feed §9): a copy put back would let the same
size be signed again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_protocol.errors import StoreError

_TABLE = """CREATE TABLE IF NOT EXISTS head(name TEXT PRIMARY KEY, size INTEGER NOT NULL,
    root BLOB NOT NULL, signed_at INTEGER NOT NULL, reaching INTEGER NOT NULL) WITHOUT ROWID"""
_READ = "SELECT size, root, signed_at, reaching FROM head WHERE name = ?"
_WRITE = "INSERT OR REPLACE INTO head(name, size, root, signed_at, reaching) VALUES (?, ?, ?, ?, ?)"
_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Head:
    """What was signed last for one name: size and root, and when (POSIX seconds).

    `reaching` is the size up to which a publish may have left unsigned files behind.
    """

    size: int
    root: bytes
    signed_at: int = 0
    reaching: int = 0

    @property
    def text(self) -> str:
        """Size and root, in words."""
        return f"size {self.size} root {self.root.hex()}"


class HeadStore:
    """Heads by name: a log's origin, or whatever names a cosignature; for many processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> Head | None:
        """The last head signed under a name; None before the first."""
        with self._transaction() as database:
            return _read(database, name)

    def advance(self, name: str, old: Head | None, *, size: int, root: bytes, now: int) -> Head:
        """Replace `old` by a later head, or raise StoreError and change nothing.

        Codes: `head.moved` where the row is not `old`, `head.backwards` for a smaller size or
        another root of the same size.
        """
        new = Head(size, root, signed_at=now, reaching=size)
        if old is not None and (size < old.size or (size == old.size and root != old.root)):
            raise StoreError("head.backwards", where=name, expected=old.text, found=new.text)
        with self._transaction() as database:
            _expect(name, old, _read(database, name))
            _write(database, name, new)
        return new

    def reach(self, name: str, size: int) -> None:
        """Note that unsigned files up to `size` may be left behind from now on."""
        with self._transaction() as database:
            if (known := _read(database, name)) is None:
                raise StoreError("head.moved", where=name, expected="a head", found="none")
            _write(database, name, Head(known.size, known.root, known.signed_at, size))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)) as database:
                database.isolation_level = None
                # EXTRA is FULL and a flush of the folder: without that, a power cut may bring back
                # the journal that a commit deletes, and with it the head before.
                database.execute("PRAGMA synchronous = EXTRA")
                database.execute("BEGIN IMMEDIATE")
                database.execute(_TABLE)
                yield database
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError("head.store", where=str(self._path), found=str(error)) from error


def _read(database: sqlite3.Connection, name: str) -> Head | None:
    row = database.execute(_READ, (name,)).fetchone()
    return Head(*row) if row else None


def _write(database: sqlite3.Connection, name: str, head: Head) -> None:
    database.execute(_WRITE, (name, head.size, head.root, head.signed_at, head.reaching))


def _expect(name: str, expected: Head | None, found: Head | None) -> None:
    shown = [head.text if head else "none" for head in (expected, found)]
    if shown[0] != shown[1]:
        raise StoreError("head.moved", where=name, expected=shown[0], found=shown[1])
