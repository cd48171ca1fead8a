"""Records as a person looks for them: words, states, an order, a page at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store

STATES = ("living", "pending", "published", "vanished", "edited", "deleted")
ORDERS = {
    "id": "r.id",
    "name": "coalesce(json_extract(r.record, '$.name_zh'), json_extract(r.before, '$.name_zh'))",
    "at": "r.at",
}

_DELETED = """(instr(r.record, '"deleted"') AND json_extract(r.record, '$.deleted') IS NOT NULL)"""
_EDITED = "EXISTS(SELECT 1 FROM hand_edit h WHERE h.kind = r.kind AND h.id = r.id)"
_PENDING = f"(r.sent IS NOT p.sent AND (p.sent IS NOT NULL OR NOT {_DELETED}))"
_WHERE = {
    "living": f"NOT ({_DELETED})",
    "pending": _PENDING,
    "published": f"p.sent IS NOT NULL AND r.sent IS p.sent AND NOT ({_DELETED})",
    "vanished": f"r.vanished AND NOT ({_DELETED})",
    "edited": f"{_EDITED} AND NOT ({_DELETED})",
    "deleted": _DELETED,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record with how it stands."""

    kind: str
    id: str
    record: Mapping[str, Any]  # of a deleted one: what it was
    source: str
    at: int
    pending: bool
    published: bool
    vanished: bool
    edited: bool
    deleted: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: all `words` stand somewhere in the record, whatever their case."""

    kind: str
    words: Sequence[str] = ()
    state: str = "living"
    status: str = ""
    order: str = "id"
    down: bool = False


def count(store: Store, wanted: Wanted) -> int:
    """How many there are."""
    where, values = _where(wanted)
    return int(store.rows(f"SELECT count(*) AS n {where}", values)[0]["n"])


def page(store: Store, wanted: Wanted, *, most: int, skip: int = 0) -> list[Row]:
    """Some of them, in their order."""
    where, values = _where(wanted)
    order = ORDERS[wanted.order] + (" DESC" if wanted.down else "")
    rows = store.rows(
        f"""
        SELECT r.kind, r.id, r.record, r.before, r.source, r.at, r.vanished,
               {_PENDING} AS pending, p.sent IS NOT NULL AS published,
               {_EDITED} AS edited, {_DELETED} AS deleted
        {where} ORDER BY {order}, r.id LIMIT ? OFFSET ?
        """,
        [*values, most, skip],
    )
    return [_row(row) for row in rows]


def every(store: Store, wanted: Wanted) -> Iterator[Row]:
    """All of them, a thousand at a time."""
    skip = 0
    while found := page(store, wanted, most=1000, skip=skip):
        yield from found
        skip += len(found)


def kinds(store: Store) -> Mapping[str, int]:
    """How many living records there are of each kind."""
    rows = store.rows(
        f"SELECT kind, count(*) AS n FROM record r WHERE NOT ({_DELETED}) GROUP BY kind"
    )
    return {row["kind"]: row["n"] for row in rows}


def naming(store: Store, kind: str, field: str, record_id: str, most: int) -> list[str]:
    """Ids of the records of a kind of which a field, or a member of it, is this id."""
    rows = store.rows(
        f"""
        SELECT r.id FROM record r, json_each(r.record, '$.' || ?) e
        WHERE r.kind = ? AND e.value = ? AND NOT ({_DELETED}) ORDER BY r.id LIMIT ?
        """,
        [field, kind, record_id, most],
    )
    return [row["id"] for row in rows]


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    parts, values = ["r.kind = ?", _WHERE[wanted.state]], [wanted.kind]
    for word in wanted.words:
        parts.append("instr(lower(r.record || r.before), lower(?))")
        values.append(json.dumps(word, ensure_ascii=False)[1:-1])
    if wanted.status:
        parts.append("json_extract(r.record, '$.status') = ?")
        values.append(wanted.status)
    tables = "FROM record r LEFT JOIN published p ON p.kind = r.kind AND p.id = r.id"
    return f"{tables} WHERE {' AND '.join(parts)}", values


def _row(row: Mapping[str, Any]) -> Row:
    before = json.loads(row["before"]) if row["before"] else {}
    record = json.loads(row["record"])
    flags = ("pending", "published", "vanished", "edited", "deleted")
    return Row(
        kind=row["kind"],
        id=row["id"],
        record=before or record if row["deleted"] else record,
        source=row["source"],
        at=row["at"],
        **{name: bool(row[name]) for name in flags},
    )
