"""Receipts that hubs beneath gave, beside our own: the earliest decides (feed §9; ADR 0014).

Like `head` these are rows of notes that lie in the mirror. They are kept apart: what we cosigned
ourselves says how far our own mirror is whole. Ask `receipt` by log: in a question that depends on
another's rows, or in a join, SQLite reads both tables to the end.
"""

import sqlite3
from collections.abc import Iterable

SCHEMA = """
CREATE TABLE attested(                        -- heads that hubs beneath cosigned
  log_no INTEGER, size INTEGER, at INTEGER, PRIMARY KEY(log_no, size, at)
) WITHOUT ROWID;
CREATE VIEW receipt AS                        -- every head that proves when something was there
  SELECT log_no, size, at FROM head UNION ALL SELECT log_no, size, at FROM attested;
"""


def put_attested(db: sqlite3.Connection, log_no: int, heads: Iterable[tuple[int, int]]) -> None:
    """Set the heads (size, at) of a log that hubs beneath cosigned; the caller's transaction."""
    db.execute("DELETE FROM attested WHERE log_no = ?", [log_no])
    rows = [(log_no, size, at) for size, at in sorted(set(heads))]
    db.executemany("INSERT INTO attested VALUES (?, ?, ?)", rows)
