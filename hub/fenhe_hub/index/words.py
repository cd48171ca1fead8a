"""What an enrolled hub says in its own `fed`: its last word on each subject, as the index knows it.

A `fed` is mirrored and judged like any other log. Instead of records it has words, and of these the
last valid one on a subject is kept (feed §10). Like a record's state it is computed again from what
is there, so that an erased or a late word leaves the same rows however it came. Like `said` these
are bytes of a log; unlike `said` they are another hub's.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fenhe_protocol.fed import Word, recall_word

FED = "fed"
KEPT = frozenset({"adv", "era", "rcp", "reg"})

SCHEMA = """
CREATE TABLE word(                            -- an enrolled hub's last word on each subject
  unit_no INTEGER, kind TEXT, id TEXT, log_no INTEGER NOT NULL, idx INTEGER NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY(unit_no, kind, id)
);
"""


class Newest(NamedTuple):
    """Where the last word on a subject stands, and its bytes."""

    log_no: int
    at: int  # the leaf
    body: bytes


class Heard(NamedTuple):
    """A word, and the leaf that says it, as (log_no, index)."""

    at: tuple[int, int]
    word: Word


def put_word(
    db: sqlite3.Connection, unit_no: int, kind: str, id_: str, newest: Newest | None
) -> None:
    """Set the last word of a hub on one subject, or take it out."""
    if kind not in KEPT:
        return
    if newest is None:
        values = [unit_no, kind, id_]
        db.execute("DELETE FROM word WHERE unit_no = ? AND kind = ? AND id = ?", values)
        return
    log_no, index, body = newest
    row = [unit_no, kind, id_, log_no, index, body.decode()]
    db.execute("INSERT OR REPLACE INTO word VALUES (?, ?, ?, ?, ?, ?)", row)


def words_of(db: sqlite3.Connection, unit_no: int, kind: str) -> Iterator[Heard]:
    """The last words of a hub of one kind, in the order in which they were said."""
    rows = db.execute(
        "SELECT log_no, idx, body FROM word WHERE unit_no = ? AND kind = ? ORDER BY log_no, idx",
        [unit_no, kind],
    )
    return _read(rows.fetchall())


def word_on(db: sqlite3.Connection, unit_no: int, kind: str, id_: str) -> Heard | None:
    """The last word of a hub on one subject."""
    rows = db.execute(
        "SELECT log_no, idx, body FROM word WHERE unit_no = ? AND kind = ? AND id = ?",
        [unit_no, kind, id_],
    )
    return next(_read(rows.fetchall()), None)


def _read(rows: Iterable[tuple[int, int, str]]) -> Iterator[Heard]:
    for log_no, index, body in rows:
        try:
            yield Heard((log_no, index), recall_word(body.encode()))
        except (KeyError, ValueError):
            continue  # a deletion says nothing any more, nor does a place that is none
