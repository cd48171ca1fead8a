"""How many hits there are, in all and for each value of each facet. Start at `facets`.

Each value of each facet is a set of rows (`row_sets`), and so are the hits: what is common to both
is counted, and no row is looked up. Units need no sets: their rows stand side by side (`rows`).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fenhe_hub.index.filters import Filters
from fenhe_hub.index.hits import hits
from fenhe_hub.index.row_sets import CHUNK, Sets, sets_of, union
from fenhe_hub.index.rows import Span, spans, within

FACETS = ("kind", "city", "class_code", "value_band", "status")
"""What is counted, beside the unit."""


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


def facets(db: sqlite3.Connection, query: str, filters: Filters) -> Facets:
    """Count the hits in all and by each facet."""
    counted: dict[str, Counter[Any]] = {facet: Counter() for facet in FACETS}
    units: Counter[int] = Counter()
    shown = spans(db, filters.unit_no)
    for chunk, found in hits(db, query, _chunks(shown)):
        here = list(within(shown, chunk * CHUNK, (chunk + 1) * CHUNK))
        sets = sets_of(db, chunk, FACETS)
        left = found & _narrowed(sets, filters) & _rows(here)
        for facet in FACETS:
            for value, rows in sets[facet].items():
                if count := (left & rows).bit_count():
                    counted[facet][value] += count
        _count_units(left, here, units)
    return Facets(units.total(), unit_no=units, **counted)


def _chunks(shown: list[Span]) -> range:
    return range(shown[0].first // CHUNK, -(-shown[-1].stop // CHUNK)) if shown else range(0)


def _narrowed(sets: Sets, filters: Filters) -> int:
    """The rows of a chunk that the filters let through, whoever's they are."""
    kinds, code = filters.kinds or tuple(sets["kind"]), filters.class_code
    left = union(sets["kind"].get(kind, 0) for kind in kinds)
    if code is not None:
        left &= union(rows for value, rows in sets["class_code"].items() if value.startswith(code))
    for facet in ("city", "value_band", "status"):
        if (value := getattr(filters, facet)) is not None:
            left &= sets[facet].get(value, 0)
    return left


def _rows(here: Iterable[Span]) -> int:
    """All rows of these stretches."""
    rows = bytearray(CHUNK // 8)
    for first, stop, _ in here:
        rows[first // 8 : stop // 8] = b"\xff" * ((stop - first) // 8)
    return int.from_bytes(rows, "little")


def _count_units(left: int, here: Iterable[Span], units: Counter[int]) -> None:
    raw = left.to_bytes(CHUNK // 8, "little")
    for first, stop, unit_no in here:
        if count := int.from_bytes(raw[first // 8 : stop // 8], "little").bit_count():
            units[unit_no] += count
