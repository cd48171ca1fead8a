"""Full text over the catalogue: `find` asks what `searchable` has written.

`grams` says how a text becomes tokens, so that hits are exactly what a scan with LIKE would find;
`facets` counts them.
"""

import sqlite3
from dataclasses import dataclass

from fenhe_hub.index.filters import Filters, conditions
from fenhe_hub.index.grams import matching, words

_ORDERS = {
    "name": "",
    "unit": "printf('%08d', unit_no)",
    "class": "ifnull(class_code, '~')",
    "value": "CASE value_band WHEN 'from_200' THEN 0 WHEN 'from_50' THEN 1 WHEN 'from_20' THEN 2"
    " WHEN 'under_20' THEN 3 ELSE 4 END",
}
ORDERS = ("relevance", *_ORDERS)
"""`relevance` puts hits in the name first, and is `name` where nothing is looked for."""

Place = tuple[int | bytes, int]
"""Where in an order a hit stands: the key it is sorted by, and its row."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found; `place` is where the page after it begins."""

    unit_no: int
    kind: str
    id: str
    place: Place


def find(
    connection: sqlite3.Connection,
    query: str,
    filters: Filters,
    *,
    order: str = "relevance",
    limit: int = 20,
    after: Place | None = None,
) -> list[Hit]:
    """One page of hits in an order of `ORDERS`, from behind `after`."""
    if order == "relevance" and (match := matching(words(query))):
        return _by_relevance(connection, match, filters, limit, after)
    return _sorted(connection, query, filters, _ORDERS.get(order, ""), limit, after)


def _by_relevance(
    connection: sqlite3.Connection, match: str, filters: Filters, limit: int, after: Place | None
) -> list[Hit]:
    """Rows in their own order, so that a page costs a page however many hits there are."""
    begin_phase, begin_row = (int(after[0]), after[1]) if after else (0, 0)
    named = f"name : ({match})"
    phases = (named, f"({match}) NOT ({named})")
    hits: list[Hit] = []
    for phase in range(begin_phase, len(phases)):
        begin = begin_row if phase == begin_phase else 0
        wanted = limit - len(hits)
        hits += _phase(connection, phases[phase], filters, wanted, (phase, begin))
        if len(hits) == limit:
            break
    return hits


def _phase(
    connection: sqlite3.Connection,
    match: str,
    filters: Filters,
    limit: int,
    begin: tuple[int, int],
) -> list[Hit]:
    condition, values = conditions(filters)
    found = connection.execute(
        "SELECT unit_no, kind, id, row_no FROM search CROSS JOIN searched ON row_no = search.rowid"
        f" WHERE search MATCH ? AND search.rowid > ? AND {condition} ORDER BY search.rowid LIMIT ?",
        (match, begin[1], *values, limit),
    )
    return [Hit(unit, kind, id_, (begin[0], row)) for unit, kind, id_, row in found]


def _sorted(
    connection: sqlite3.Connection,
    query: str,
    filters: Filters,
    first: str,
    limit: int,
    after: Place | None,
) -> list[Hit]:
    source, condition, values = _matched(query, filters)
    key = f"CAST({first or repr('')} || name_key AS BLOB)"
    if after is not None:
        condition += f" AND ({key}, row_no) > (?, ?)"
        values += after
    found = connection.execute(
        f"SELECT unit_no, kind, id, {key}, row_no FROM {source} WHERE {condition}"
        f" ORDER BY {key}, row_no LIMIT ?",
        (*values, limit),
    )
    return [Hit(unit, kind, id_, (place, row)) for unit, kind, id_, place, row in found]


def _matched(query: str, filters: Filters) -> tuple[str, str, list[object]]:
    condition, values = conditions(filters)
    if not (match := matching(words(query))):
        return "searched", condition, values
    source = "search CROSS JOIN searched ON row_no = search.rowid"
    return source, f"search MATCH ? AND {condition}", [match, *values]
