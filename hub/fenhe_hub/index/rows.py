"""Which number a record has in the full text: those of one unit stand side by side.

So that hits of a unit are counted by looking at a few stretches, however many units there are.
A stretch (`searched_span`) is whole blocks of one unit; a number once given is not given again.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

TABLES = (
    "CREATE TABLE IF NOT EXISTS searched_span(first INTEGER PRIMARY KEY, next INTEGER,"
    " stop INTEGER, unit_no INTEGER)",
    "CREATE INDEX IF NOT EXISTS searched_span_unit ON searched_span(unit_no, first)",
)

_BLOCK = 64  # rows; whole bytes of one bit each. Where a block is begun, the rest is its unit's


class Span(NamedTuple):
    """The numbers [first, stop) are a unit's, given or to be given."""

    first: int
    stop: int
    unit_no: int


def allot(db: sqlite3.Connection, unit_no: int, count: int) -> Iterable[int]:
    """New row numbers for records of a unit, rising, within the caller's transaction."""
    first, free, stop = db.execute(
        "SELECT first, next, stop FROM searched_span WHERE unit_no=? ORDER BY first DESC LIMIT 1",
        (unit_no,),
    ).fetchone() or (-1, 0, 0)
    given = list(range(free, min(free + count, stop)))
    missing = count - len(given)
    end = end_of_rows(db)
    if missing and stop != end:  # others came between
        db.execute("UPDATE searched_span SET next=stop WHERE first=?", (first,))
        first = stop = end
    given += range(stop, stop + missing)
    if count:
        stop += -(-missing // _BLOCK) * _BLOCK
        last = given[-1] + 1
        db.execute(
            "INSERT OR REPLACE INTO searched_span VALUES(?,?,?,?)", (first, last, stop, unit_no)
        )
    return given


def end_of_rows(db: sqlite3.Connection) -> int:
    """The number above all that are given or to be given, also to units that are not shown."""
    found = db.execute("SELECT stop FROM main.searched_span ORDER BY first DESC LIMIT 1").fetchone()
    return int(found[0]) if found else _BLOCK


def spans(db: sqlite3.Connection, unit_no: int | None) -> list[Span]:
    """All stretches that are shown, or those of one unit, in order."""
    found = db.execute(
        "SELECT first, stop, unit_no FROM searched_span WHERE ?1 IS NULL OR unit_no=?1"
        " ORDER BY first",
        (unit_no,),
    )
    return [Span(*row) for row in found]


def within(spans: Sequence[Span], first: int, stop: int) -> Iterator[Span]:
    """What of these stretches, which are in order, lies in [first, stop), counted from there."""
    for place in range(max(0, bisect_left(spans, (first,)) - 1), len(spans)):
        span = spans[place]
        if span.first >= stop:
            return
        if span.stop > first:
            yield Span(max(span.first - first, 0), min(span.stop, stop) - first, span.unit_no)
