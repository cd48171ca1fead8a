"""By which migration a store was written last, read without changing anything."""

import sqlite3
from contextlib import closing
from pathlib import Path


def tables_of(file: Path) -> int:
    """The number of its last migration; 0 where there is none, or what lies there is no store."""
    try:
        uri = f"{file.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=30)) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:
        return 0
