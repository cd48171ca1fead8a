"""Full text over the catalogue: `index_resources` writes it, `find` asks it.

`grams` says how a text becomes tokens, so that hits are exactly what a scan with LIKE would find;
`facets` counts them. The tables are part of the index: derived, rebuilt with it, and no part of
`dump`.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_hub.index import facets
from fenhe_hub.index.facets import Faceted, put_codes
from fenhe_hub.index.filters import Filters, conditions
from fenhe_hub.index.grams import matching, name_key, pairs, searched_texts

TABLES = (
    # A word of odd length ends in a prefix of one unit; without an index of these its page costs
    # ten times as much. `search` keeps no text; `search_text` has what it was given, to take back.
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5("
    "name, rest, content='', columnsize=0, tokenize='ascii', prefix='4')",
    "CREATE TABLE IF NOT EXISTS search_text(row_no INTEGER PRIMARY KEY, name TEXT, rest TEXT)",
    "CREATE TABLE IF NOT EXISTS searched(row_no INTEGER PRIMARY KEY, unit_no INTEGER, kind TEXT,"
    " id TEXT, city TEXT, class_code TEXT, value_band TEXT, status TEXT, name_key BLOB,"
    " UNIQUE(unit_no, kind, id))",
    "CREATE INDEX IF NOT EXISTS searched_classes ON searched(class_code, kind)",
    # FTS5's own default of 1 MB makes a rebuild half as fast.
    "INSERT INTO search(search, rank) VALUES('hashsize', 8388608)",
)

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
class Searchable:
    """One catalogue identity as `resource` has it; without `pub` it is taken out of the search."""

    unit_no: int
    kind: str
    id: str
    pub: str | bytes | None
    city: str | None = None
    class_code: str | None = None
    value_band: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found; `place` is where the page after it begins."""

    unit_no: int
    kind: str
    id: str
    place: Place


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of the full text where they are not."""
    for statement in (*TABLES, *facets.TABLES):
        connection.execute(statement)


def index_resources(connection: sqlite3.Connection, rows: Iterable[Searchable]) -> None:
    """Bring the full text up to these states, within the caller's transaction."""
    coded: dict[int, Faceted | None] = {}
    for row in rows:
        known = connection.execute(
            "SELECT row_no, name, rest FROM searched JOIN search_text USING(row_no)"
            " WHERE unit_no=? AND kind=? AND id=?",
            (row.unit_no, row.kind, row.id),
        ).fetchone()
        if row.pub is not None:
            row_no = _put(connection, row, orjson.loads(row.pub), known)
            coded[row_no] = Faceted(
                row.unit_no, row.kind, row.city, row.class_code, row.value_band, row.status
            )
        elif known is not None:
            _take_back(connection, *known)
            connection.execute("DELETE FROM searched WHERE row_no=?", known[:1])
            connection.execute("DELETE FROM search_text WHERE row_no=?", known[:1])
            coded[known[0]] = None
    put_codes(connection, coded)


def _put(
    connection: sqlite3.Connection,
    row: Searchable,
    pub: Mapping[str, Any],
    known: tuple[int, str, str] | None,
) -> int:
    texts = searched_texts(pub)
    key = name_key(str(pub.get("name_zh", "")))
    columns = (row.city, row.class_code, row.value_band, row.status, key)
    if known is None:
        # RETURNING would open a savepoint, and FTS5 write down all it has gathered, at each row.
        given = connection.execute(
            "INSERT INTO searched VALUES(NULL,?,?,?,?,?,?,?,?)",
            (row.unit_no, row.kind, row.id, *columns),
        )
        row_no = int(given.lastrowid or 0)
    else:
        row_no = known[0]
        connection.execute(
            "UPDATE searched SET city=?, class_code=?, value_band=?, status=?, name_key=?"
            " WHERE row_no=?",
            (*columns, row_no),
        )
        if known[1:] == texts:
            return row_no
        _take_back(connection, *known)
    connection.execute("INSERT OR REPLACE INTO search_text VALUES(?,?,?)", (row_no, *texts))
    connection.execute(
        "INSERT INTO search(rowid, name, rest) VALUES(?,?,?)", (row_no, *map(pairs, texts))
    )
    return row_no


def _take_back(connection: sqlite3.Connection, row_no: int, name: str, rest: str) -> None:
    # A table without content forgets a row only when told exactly what it was given.
    connection.execute(
        "INSERT INTO search(search, rowid, name, rest) VALUES('delete',?,?,?)",
        (row_no, pairs(name), pairs(rest)),
    )


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
    if order == "relevance" and (match := matching(query)):
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
    if not (match := matching(query)):
        return "searched", condition, values
    source = "search CROSS JOIN searched ON row_no = search.rowid"
    return source, f"search MATCH ? AND {condition}", [match, *values]
