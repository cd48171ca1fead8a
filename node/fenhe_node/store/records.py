"""The state of every record, and what happened to each."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store

_COLUMNS = "kind, id, record, before, sent, source, import_no, row, vanished, at"


PAGE = 1000  # records read in one go
_IDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record as the unit has it; `record` is whole, with fields that never leave."""

    kind: str
    id: str
    record: Mapping[str, Any]
    sent: str  # SHA-256 of what would be sent
    at: int  # of the last change
    source: str = ""  # the list it stands in; empty: none
    import_no: int | None = None
    row: int | None = None
    vanished: bool = False
    before: Mapping[str, Any] | None = None  # of a deleted one: what it was

    @property
    def deleted(self) -> bool:
        """Whether its state is a deletion."""
        return "deleted" in self.record


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a record: `what` is new, changed, deleted or vanished."""

    at: int
    by: str
    kind: str
    id: str
    what: str
    import_no: int | None = None
    reason: str = ""


def put(store: Store, records: Iterable[StoredRecord]) -> None:
    """Keep these states in place of the former ones."""
    store.many(
        "INSERT OR REPLACE INTO record"
        "(kind, id, record, before, sent, source, import_no, row, vanished, at)"
        " VALUES(?,?,?,?,?,?,?,?,?,?)",
        (
            (
                r.kind,
                r.id,
                _json(r.record),
                "" if r.before is None else _json(r.before),
                r.sent,
                r.source,
                r.import_no,
                r.row,
                int(r.vanished),
                r.at,
            )
            for r in records
        ),
    )


def find(store: Store, kind: str, record_id: str) -> StoredRecord | None:
    """Find one record, deleted ones too."""
    sql = f"SELECT {_COLUMNS} FROM record WHERE kind = ? AND id = ?"
    rows = store.rows(sql, [kind, record_id])
    return _record(rows[0]) if rows else None


def every(store: Store, *, kind: str = "", record_id: str | None = None) -> Iterator[StoredRecord]:
    """Go through the records by kind and id, of one kind or with one id if told.

    A page at a time: there may be a million, and others may write in between.
    """
    where = "(?1 = '' OR kind = ?1) AND (?2 IS NULL OR id = ?2)"
    return _paged(store, where, [kind, record_id])


def of_source(store: Store, kind: str, source: str) -> Iterator[StoredRecord]:
    """Go through the records of a kind that stand in this list, deleted ones too."""
    return _paged(store, "kind = ?1 AND source = ?2", [kind, source])


def _paged(store: Store, where: str, values: list[str | None]) -> Iterator[StoredRecord]:
    sql = (
        f"SELECT {_COLUMNS} FROM record WHERE {where} AND (kind, id) > (?3, ?4)"
        f" ORDER BY kind, id LIMIT {PAGE}"
    )
    last = ("", "")
    while rows := store.rows(sql, [*values, *last]):
        yield from map(_record, rows)
        last = rows[-1]["kind"], rows[-1]["id"]


def with_ids(store: Store, kind: str, ids: Sequence[str]) -> dict[str, StoredRecord]:
    """The records of a kind that have one of these ids, by id."""
    found: dict[str, StoredRecord] = {}
    for at in range(0, len(ids), _IDS_AT_ONCE):
        some = ids[at : at + _IDS_AT_ONCE]
        marks = ", ".join("?" * len(some))
        sql = f"SELECT {_COLUMNS} FROM record WHERE kind = ? AND id IN ({marks})"
        found |= {row["id"]: _record(row) for row in store.rows(sql, [kind, *some])}
    return found


def by_instrument(store: Store, kind: str) -> Iterator[tuple[str, list[StoredRecord]]]:
    """The living records of a kind, together by the instrument that they name, in its order.

    One instrument's at a time: of services there may be a million.
    """
    store.run("DROP TABLE IF EXISTS temp.of_instrument")
    store.run(
        "CREATE TEMP TABLE of_instrument AS"
        " SELECT coalesce(json_extract(record, '$.instrument'), '') AS instrument, id FROM record"
        " WHERE kind = ? AND json_extract(record, '$.deleted') IS NULL ORDER BY 1, 2",
        [kind],
    )
    store.run("CREATE INDEX temp.of_instrument_name ON of_instrument(instrument, id)")
    for (name,) in store.table("SELECT DISTINCT instrument FROM temp.of_instrument ORDER BY 1"):
        rows = store.table(
            "SELECT id FROM temp.of_instrument WHERE instrument = ? ORDER BY id", [name]
        )
        yield str(name), [*with_ids(store, kind, [id for (id,) in rows]).values()]
    store.run("DROP TABLE temp.of_instrument")


def ids(store: Store, kind: str) -> frozenset[str]:
    """Give the ids of all records of a kind that are not deleted."""
    rows = store.rows(
        "SELECT id FROM record WHERE kind = ? AND json_extract(record, '$.deleted') IS NULL", [kind]
    )
    return frozenset(row["id"] for row in rows)


def count(store: Store) -> int:
    """Count the records that are not deleted."""
    rows = store.rows(
        "SELECT count(*) AS n FROM record WHERE json_extract(record, '$.deleted') IS NULL"
    )
    return int(rows[0]["n"])


def are_known(store: Store) -> bool:
    """Whether there is any record, deleted ones too."""
    return bool(store.rows("SELECT 1 FROM record LIMIT 1"))


def note(store: Store, events: Iterable[Event]) -> None:
    """Write down what happened."""
    store.many(
        "INSERT INTO event(at, by, kind, id, what, import_no, reason) VALUES(?,?,?,?,?,?,?)",
        ((e.at, e.by, e.kind, e.id, e.what, e.import_no, e.reason) for e in events),
    )


def events(store: Store, kind: str, record_id: str) -> tuple[Event, ...]:
    """Tell what happened to one record, oldest first."""
    rows = store.rows(
        "SELECT at, by, kind, id, what, import_no, reason FROM event"
        " WHERE kind = ? AND id = ? ORDER BY number",
        [kind, record_id],
    )
    return tuple(Event(**row) for row in rows)


def _record(row: Mapping[str, Any]) -> StoredRecord:
    return StoredRecord(
        **{
            **row,
            "record": json.loads(row["record"]),
            "before": json.loads(row["before"]) if row["before"] else None,
            "vanished": bool(row["vanished"]),
        }
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
