"""Many rows of `body` with one statement, where they differ in nothing but index and id.

`executemany` lets go of Python's lock once a row, and beside a busy event loop waits each time to
get it back: 100,000 rows took 1.9 s like that, and 0.25 s as JSON in one statement (0.33 and 0.11
alone).
"""

import sqlite3
from collections.abc import Iterator
from itertools import count, groupby

import orjson

BodyRow = tuple[int, int, int, str, str, int]
"""log_no, index, tier, kind, id, deleted"""

_FEWEST = 32
_ONE = "INSERT INTO body VALUES (?, ?, ?, ?, ?, ?)"
_RUN = "INSERT INTO body SELECT ?, ? + key, ?, ?, value, ? FROM json_each(?)"


def insert_bodies(db: sqlite3.Connection, rows: list[BodyRow]) -> None:
    """Add rows, within the caller's transaction."""
    for run in runs_of(rows):
        if len(run) < _FEWEST:
            db.executemany(_ONE, run)
        else:
            log_no, first, tier, kind, _, deleted = run[0]
            ids = orjson.dumps([row[4] for row in run]).decode()
            db.execute(_RUN, [log_no, first, tier, kind, deleted, ids])


def runs_of(rows: list[BodyRow]) -> Iterator[list[BodyRow]]:
    """Cut rows where anything but the id changes, or an index is left out."""
    place = count()
    for _, run in groupby(
        rows, key=lambda row: (row[0], row[1] - next(place), row[2], row[3], row[5])
    ):
        yield list(run)
