"""A database of the home, opened to be read and by no means written."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def read_only(file: Path) -> Iterator[sqlite3.Connection]:
    """Open it for as long as this lasts; sqlite3.OperationalError if there is none."""
    address = f"{file.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=60)) as db:
        yield db
