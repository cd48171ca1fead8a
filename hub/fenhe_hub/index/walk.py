"""Where words stand, as the full text lists it: sets of rows, part by part. Start at `walk`."""

import sqlite3
from collections.abc import Iterator

import orjson

from fenhe_hub.index.row_sets import CHUNK, as_set
from fenhe_hub.index.rows import end_of_rows

_AT_ONCE = 4  # chunks for which hits are asked together: some 10 MiB while it lasts


def walk(db: sqlite3.Connection, match: str, chunks: range) -> Iterator[tuple[int, int]]:
    """(chunk, the set of hits of an FTS5 expression in it), of these chunks."""
    everything = range(-(-end_of_rows(db) // CHUNK))
    for first in chunks[::_AT_ONCE]:
        part = range(first, min(first + _AT_ONCE, chunks.stop))
        size = len(part) * CHUNK
        # Bounds are looked at for every hit: there are none where a part is everything.
        places = _places(db, match, first * CHUNK, 0 if part == everything else size)
        raw = as_set(places, size).to_bytes(size // 8, "little")
        for chunk in part:
            begin = (chunk - first) * CHUNK // 8
            yield chunk, int.from_bytes(raw[begin : begin + CHUNK // 8], "little")


def _places(db: sqlite3.Connection, match: str, first: int, size: int) -> list[int]:
    """Where the hits stand from a row on, as `as_set` takes them, of so many rows; 0: of all."""
    # As one text: the numbers one by one, as rows, take seven times as long.
    listed = "SELECT json_group_array(?1 - 1 - rowid) FROM search WHERE search MATCH ?2"
    if size:
        listed += " AND rowid >= ?1 AND rowid < ?1 + ?3"
    values = (first, match, size) if size else (first, match)
    places: list[int] = orjson.loads(db.execute(listed, values).fetchone()[0])
    return places
