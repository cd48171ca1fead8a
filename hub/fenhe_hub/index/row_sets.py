"""Sets of row numbers, a bit for each row: one for each mark that rows of the full text may bear.

A mark is (facet, value), as ("city", "太原市"). A set is a number: AND narrows, and its bits are
counted in no time, so that no row is looked up. The sets lie in `marked`, in chunks of rows. They
are written in the transaction that writes the rows, and read in the snapshot that finds the hits:
nothing is kept in memory, and no process can be behind another. Start at `put_sets`.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

TABLES = (
    "CREATE TABLE IF NOT EXISTS marked(chunk INTEGER, facet TEXT, value TEXT, first INTEGER,"
    " bits BLOB, UNIQUE(chunk, facet, value))",
)

CHUNK = 32_768  # rows; what one change writes again is at most 4 KiB for each mark
_ONE = ord("1")
_FEW = 64

Mark = tuple[str, str]
Sets = dict[str, dict[str, int]]
"""Of one chunk: facet → value → the set of its rows."""


def put_sets(db: sqlite3.Connection, flips: Mapping[Mark, Sequence[int]]) -> None:
    """Let these rows bear a mark where they did not, and the other way round, once each.

    Within the caller's transaction; row numbers rise.
    """
    for mark, numbers in flips.items():
        start = 0
        while start < len(numbers):
            chunk = numbers[start] // CHUNK
            first = chunk * CHUNK
            stop = bisect_left(numbers, first + CHUNK, start)
            places = [first - 1 - row_no for row_no in numbers[start:stop]]
            flip(db, chunk, mark, as_set(places, CHUNK))
            start = stop


def flip(db: sqlite3.Connection, chunk: int, mark: Mark, rows: int) -> None:
    """Flip the rows of a set in a chunk."""
    rows ^= set_of(db, chunk, mark)
    if not rows:
        db.execute("DELETE FROM marked WHERE chunk=? AND facet=? AND value=?", (chunk, *mark))
        return
    first = ((rows & -rows).bit_length() - 1) // 8  # what is rare takes up little
    raw = (rows >> 8 * first).to_bytes((rows.bit_length() + 7) // 8 - first, "little")
    db.execute("INSERT OR REPLACE INTO marked VALUES(?,?,?,?,?)", (chunk, *mark, first, raw))


def set_of(db: sqlite3.Connection, chunk: int, mark: Mark) -> int:
    """The rows of a chunk that bear a mark."""
    found = db.execute(
        "SELECT first, bits FROM marked WHERE chunk=? AND facet=? AND value=?", (chunk, *mark)
    ).fetchone()
    return _read(*found) if found else 0


def sets_of(db: sqlite3.Connection, chunk: int, facets: Iterable[str]) -> Sets:
    """Of a chunk the sets of all values of these facets."""
    sets: Sets = {}
    for facet in facets:
        found = db.execute(
            "SELECT value, first, bits FROM marked WHERE chunk=? AND facet=?", (chunk, facet)
        )
        sets[facet] = {value: _read(first, bits) for value, first, bits in found}
    return sets


def _read(first: int, bits: bytes) -> int:
    return int.from_bytes(bits, "little") << 8 * first


def as_set(places: Sequence[int], size: int) -> int:
    """The set of these places below a size, each as its complement: -1 for 0, -2 for 1."""
    if len(places) < _FEW:
        return union(1 << ~place for place in places)
    # Digits, read as one number: a third of the time that setting bits takes. The first is last.
    digits = bytearray(b"0") * size
    for place in places:
        digits[place] = _ONE
    return int(digits, 2)


def union(sets: Iterable[int]) -> int:
    """What is in any of these."""
    together = 0
    for rows in sets:
        together |= rows
    return together
