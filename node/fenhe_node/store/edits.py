"""Which fields of a listed record somebody set by hand, and what its list said then."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store

ABSENT: Any = object()
"""In place of a value: the field is not there."""


@dataclass(frozen=True, slots=True)
class HandEdit:
    """One field: the value given by hand, the one that the list had, when and by whom."""

    kind: str
    id: str
    field: str
    value: Any  # or ABSENT
    listed: Any  # or ABSENT
    at: int
    by: str


def put(store: Store, edits: Iterable[HandEdit]) -> None:
    """Keep them, in place of former ones of the same fields."""
    store.many(
        "INSERT OR REPLACE INTO hand_edit(kind, id, field, value, listed, at, by)"
        " VALUES(?,?,?,?,?,?,?)",
        ((e.kind, e.id, e.field, _text(e.value), _text(e.listed), e.at, e.by) for e in edits),
    )


def of_record(store: Store, kind: str, record_id: str) -> tuple[HandEdit, ...]:
    """The edits of one record that still stand, by field."""
    rows = store.rows(
        "SELECT * FROM hand_edit WHERE kind = ? AND id = ? ORDER BY field", [kind, record_id]
    )
    return tuple(map(_edit, rows))


def of_kind(store: Store, kind: str) -> Mapping[str, tuple[HandEdit, ...]]:
    """All that stand, by the record's id."""
    found: dict[str, tuple[HandEdit, ...]] = {}
    for row in store.rows("SELECT * FROM hand_edit WHERE kind = ? ORDER BY id, field", [kind]):
        found[row["id"]] = (*found.get(row["id"], ()), _edit(row))
    return found


def forget(store: Store, kind: str, record_id: str, fields: Iterable[str] | None = None) -> None:
    """Let these fields, or all of the record, be the list's again."""
    if fields is None:
        store.run("DELETE FROM hand_edit WHERE kind = ? AND id = ?", [kind, record_id])
        return
    store.many(
        "DELETE FROM hand_edit WHERE kind = ? AND id = ? AND field = ?",
        ((kind, record_id, field) for field in fields),
    )


def _text(value: Any) -> str:
    return "" if value is ABSENT else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _edit(row: Mapping[str, Any]) -> HandEdit:
    sides = {name: json.loads(row[name]) if row[name] else ABSENT for name in ("value", "listed")}
    return HandEdit(**{**row, **sides})
