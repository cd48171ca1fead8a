"""Whether a database is whole, as SQLite itself can tell."""

import sqlite3
from contextlib import closing
from pathlib import Path


def is_sound(file: Path) -> bool:
    """Whether SQLite finds no fault in it, or there is none; it is opened for reading alone."""
    if not file.exists():
        return True
    try:
        uri = f"{file.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as db:
            rows = db.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError:
        return False
    return rows == [("ok",)]
