"""Whether a database is whole, as SQLite itself can tell."""

import sqlite3
from contextlib import closing
from pathlib import Path

_NO_FAULT = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY)
_PRIMARY = 0xFF  # the extended codes stand above


def is_sound(file: Path) -> bool:
    """Whether SQLite finds no fault in it, or there is none, or somebody keeps it to himself."""
    if not file.exists():
        return True
    try:
        # Not read-only: what a killed writer left in a journal is to be taken back first.
        uri = f"{file.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as db:
            rows = db.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _NO_FAULT
    return rows == [("ok",)]
