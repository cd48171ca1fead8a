"""Service requests, what was said in each, and when instruments are taken by them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_node.store.database import Store

_COLUMNS = (
    "number, reference, token, instrument, state, made_at, changed_at, closed_at,"
    " begins_at, ends_at, wish, outcome, rating, comment, record"
)


@dataclass(frozen=True)
class StoredOrder:
    """One order; times are POSIX seconds, 0 where there is none yet."""

    reference: str  # shown to both sides
    token: str  # of the applicant's private link
    instrument: str
    state: str
    made_at: int
    changed_at: int
    wish: Mapping[str, Any]
    number: int = 0  # given when it is stored
    closed_at: int = 0
    begins_at: int = 0  # scheduled
    ends_at: int = 0
    outcome: Mapping[str, Any] = field(default_factory=dict)
    rating: int = 0
    comment: str = ""
    record: str = ""  # id of its service record


@dataclass(frozen=True)
class Said:
    """One line of what happened: `by` is empty for the applicant, else who at the unit."""

    at: int
    by: str
    state: str
    text: str


def add(store: Store, order: StoredOrder) -> int:
    """Keep a new order and give its number."""
    return store.insert("service_order", {k: v for k, v in _row(order).items() if k != "number"})


def change(store: Store, order: StoredOrder) -> None:
    """Keep the new state of an order."""
    store.put("service_order", [_row(order)])


def find(store: Store, *, number: int = 0, token: str = "") -> StoredOrder | None:
    """One order by its number or by the applicant's token."""
    key, value = ("token", token) if token else ("number", str(number))
    rows = store.rows(f"SELECT {_COLUMNS} FROM service_order WHERE {key} = ?", [value])
    return _order(rows[0]) if rows else None


def listed(store: Store, states: Sequence[str] = (), *, most: int = 500) -> list[StoredOrder]:
    """Orders in these states, or all, the newest first."""
    marks = ",".join("?" * len(states))
    where = f"WHERE state IN ({marks})" if states else ""
    sql = f"SELECT {_COLUMNS} FROM service_order {where} ORDER BY number DESC LIMIT ?"
    return [_order(row) for row in store.rows(sql, [*states, most])]


def counted(store: Store) -> dict[str, int]:
    """How many orders stand in each state."""
    rows = store.rows("SELECT state, count(*) AS n FROM service_order GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


def made_since(store: Store, at: int, mail: str = "") -> int:
    """Count the orders made since then, of one mail address if told."""
    rows = store.rows(
        "SELECT count(*) AS n FROM service_order WHERE made_at >= ?"
        " AND (? = '' OR lower(json_extract(wish, '$.mail')) = lower(?))",
        [at, mail, mail],
    )
    return int(rows[0]["n"])


def taken(store: Store, instrument: str, since: int) -> list[tuple[int, int, str]]:
    """Begin, end and key of each time for which an instrument is scheduled, ending after then."""
    rows = store.rows(
        "SELECT begins_at, ends_at, number FROM service_order WHERE instrument = ?"
        " AND state IN ('scheduled', 'done') AND ends_at > ? AND begins_at > 0 ORDER BY begins_at",
        [instrument, since],
    )
    return [(row["begins_at"], row["ends_at"], f"o{row['number']}") for row in rows]


def note(store: Store, number: int, said: Said) -> None:
    """Write down what happened."""
    row = {"order_no": number, "at": said.at, "by": said.by, "state": said.state, "text": said.text}
    store.insert("service_order_said", row)


def history(store: Store, number: int) -> list[Said]:
    """What happened to one order, oldest first."""
    rows = store.rows(
        "SELECT at, by, state, text FROM service_order_said WHERE order_no = ? ORDER BY number",
        [number],
    )
    return [Said(**row) for row in rows]


def delete_old(store: Store, before: int) -> int:
    """Delete the orders of which nobody did anything since, with all that was said; count them.

    Also those that were never closed, unless they are scheduled for later.
    """
    old = "SELECT number FROM service_order WHERE max(changed_at, ends_at) < ?"
    for table in ("service_order_said", "outgoing_mail"):
        store.run(f"DELETE FROM {table} WHERE order_no IN ({old})", [before])
    return store.run(f"DELETE FROM service_order WHERE number IN ({old})", [before])


def _order(row: Mapping[str, Any]) -> StoredOrder:
    wish, outcome = json.loads(row["wish"]), json.loads(row["outcome"])
    return StoredOrder(**{**row, "wish": wish, "outcome": outcome})


def _row(order: StoredOrder) -> dict[str, Any]:
    names: Iterable[str] = (name.strip() for name in _COLUMNS.split(","))
    row = {name: getattr(order, name) for name in names}
    return row | {"wish": _json(order.wish), "outcome": _json(order.outcome)}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
