"""How many hits there are, in all and for each value of each facet. Start at `facets`.

For the counts alone the catalogue lies in a column: `coded` has one number of 64 bits a row, in
chunks: where the record belongs (`facet_where`: unit, kind, city), and what it is (`facet_what`:
class, band of value, status), of which there are few. So hits are counted as numbers, and the few
thousand different ones are taken apart, instead of one row fetched for each hit.

The column is written in the transaction that writes the rows, and read in the snapshot that finds
the hits: nothing is kept in memory, and no process can be behind another.
"""

import sqlite3
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from fenhe_hub.index.filters import Filters, conditions
from fenhe_hub.index.grams import matching

TABLES = (
    "CREATE TABLE IF NOT EXISTS coded(chunk INTEGER PRIMARY KEY, codes BLOB)",
    "CREATE TABLE IF NOT EXISTS facet_where(no INTEGER PRIMARY KEY,"
    " unit_no INTEGER, kind TEXT, city TEXT)",
    "CREATE INDEX IF NOT EXISTS facet_where_no ON facet_where(unit_no, kind, city)",
    "CREATE TABLE IF NOT EXISTS facet_what(no INTEGER PRIMARY KEY,"
    " class_code TEXT, value_band TEXT, status TEXT)",
    "CREATE INDEX IF NOT EXISTS facet_what_no ON facet_what(class_code, value_band, status)",
)

_COLUMNS = {
    "facet_where": ("unit_no", "kind", "city"),
    "facet_what": ("class_code", "value_band", "status"),
}
_CHUNK = 1024  # rows; a chunk is what one changed record writes again: 8 KiB
_AT_ONCE = 128  # chunks looked through together: some 15 MiB while it lasts
_NO_ROW = 0  # rows begin at 1, and so do the numbers of both tables
_WHATS = 1_000_003  # more than there are; a prime, or most codes would share a slot where counted


class Faceted(NamedTuple):
    """What is counted of one record."""

    unit_no: int
    kind: str
    city: str | None
    class_code: str | None
    value_band: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Facets:
    """How many hits there are, in all and for each value of each facet."""

    total: int
    kind: Counter[str]
    unit_no: Counter[int]
    city: Counter[str]
    class_code: Counter[str]
    value_band: Counter[str]
    status: Counter[str]


def put_codes(db: sqlite3.Connection, rows: Mapping[int, Faceted | None]) -> None:
    """Bring the column up for these row numbers, within the caller's transaction; None: gone."""
    known: dict[Faceted, int] = {}
    for chunk, numbers in groupby(sorted(rows), key=lambda row_no: row_no // _CHUNK):
        codes = _codes(db, chunk, chunk + 1) or array("Q", bytes(8 * _CHUNK))
        for row_no in numbers:
            row = rows[row_no]
            if row is not None and row not in known:
                where = _number(db, "facet_where", row[:3])
                known[row] = where * _WHATS + _number(db, "facet_what", row[3:])
            codes[row_no % _CHUNK] = _NO_ROW if row is None else known[row]
        db.execute("INSERT OR REPLACE INTO coded VALUES(?,?)", (chunk, codes.tobytes()))


def _number(db: sqlite3.Connection, table: str, values: tuple[object, ...]) -> int:
    same = " AND ".join(f"{column} IS ?" for column in _COLUMNS[table])
    found = db.execute(f"SELECT no FROM {table} WHERE {same}", values).fetchone()
    if found is None:
        # Not RETURNING: it would have FTS5 write down all it has gathered.
        return int(db.execute(f"INSERT INTO {table} VALUES(NULL,?,?,?)", values).lastrowid or 0)
    return int(found[0])


def facets(db: sqlite3.Connection, query: str, filters: Filters) -> Facets:
    """Count the hits in all and by each facet."""
    tables = {table: _rows(db, table, filters) for table in _COLUMNS}
    where, what = tables.values()
    counts: dict[str, defaultdict[int, int]] = {table: defaultdict(int) for table in tables}
    by_where, by_what = counts.values()
    for code, count in _count(db, matching(query)).items():
        where_no, what_no = divmod(code, _WHATS)
        if where_no in where and what_no in what:
            by_where[where_no] += count
            by_what[what_no] += count
    counters: dict[str, Counter[Any]] = {}
    for table, columns in _COLUMNS.items():
        for place, column in enumerate(columns):
            values = ((tables[table][no][place], n) for no, n in counts[table].items())
            counters[column] = _added(values)
    return Facets(sum(by_where.values()), **counters)


def _rows(db: sqlite3.Connection, table: str, filters: Filters) -> dict[int, tuple[Any, ...]]:
    """The rows of a table that the filters let through, by number."""
    columns = _COLUMNS[table]
    condition, values = conditions(filters, columns)
    listed = f"SELECT no, {', '.join(columns)} FROM {table} WHERE {condition}"
    return {no: row for no, *row in db.execute(listed, values)}


def _added(counts: Iterable[tuple[Any, int]]) -> Counter[Any]:
    counter: Counter[Any] = Counter()
    for value, count in counts:
        if value is not None:
            counter[value] += count
    return counter


def _count(db: sqlite3.Connection, match: str) -> Counter[int]:
    """How often each code stands among the hits, or in the whole catalogue."""
    counted: Counter[int] = Counter()
    chunks = db.execute("SELECT count(*) FROM coded").fetchone()[0]
    for first in range(0, chunks, _AT_ONCE):
        codes = _codes(db, first, first + _AT_ONCE)
        # Bounds are looked at for every hit: there are none where all rows are in one part.
        part = (first * _CHUNK, len(codes)) if chunks > _AT_ONCE else None
        counted.update(_gathered(codes, _hits(db, match, part)) if match else codes)
    return counted


def _hits(db: sqlite3.Connection, match: str, part: tuple[int, int] | None) -> list[int]:
    """The numbers of the hits, of all or of a part: from where on, how many; counted from there."""
    # As one text: the numbers one by one, as rows, take seven times as long.
    listed = "SELECT json_group_array(rowid - ?2) FROM search WHERE search MATCH ?1"
    first, rows = part or (0, 0)
    if part:
        listed += " AND rowid BETWEEN ?2 AND ?2 + ?3 - 1"
    values = (match, first, rows) if part else (match, first)
    hits: list[int] = orjson.loads(db.execute(listed, values).fetchone()[0])
    return hits


def _gathered(codes: "array[int]", places: list[int]) -> Sequence[int]:
    # An itemgetter is thrice as fast as a loop; of one place alone it makes no tuple.
    return itemgetter(*places)(codes) if len(places) > 1 else [codes[place] for place in places]


def _codes(db: sqlite3.Connection, first: int, stop: int) -> "array[int]":
    """The codes of these chunks; they follow each other, as the numbers of rows do."""
    chunks = db.execute(
        "SELECT codes FROM coded WHERE chunk >= ? AND chunk < ? ORDER BY chunk", (first, stop)
    )
    return array("Q", b"".join(codes for (codes,) in chunks))
