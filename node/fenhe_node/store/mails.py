"""Mail that waits to go out, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store

_COLUMNS = "number, order_no, to_address, subject, body, made_at, next_at, attempts, trouble, state"
KEPT_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class QueuedMail:
    """One letter; `state` is waiting, sent or failed, `trouble` what the server said last."""

    order_no: int
    to_address: str
    subject: str
    body: str
    made_at: int
    next_at: int
    number: int = 0
    attempts: int = 0
    trouble: str = ""
    state: str = "waiting"


def add(store: Store, mail: QueuedMail) -> None:
    """Queue a letter."""
    row = {name: getattr(mail, name) for name in _COLUMNS.split(", ") if name != "number"}
    store.insert("outgoing_mail", row)


def due(store: Store, now: int, *, most: int = 50) -> list[QueuedMail]:
    """The letters whose time has come, oldest first."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM outgoing_mail WHERE state = 'waiting' AND next_at <= ?"
        " ORDER BY number LIMIT ?",
        [now, most],
    )
    return [_mail(row) for row in rows]


def of_order(store: Store, order_no: int) -> list[QueuedMail]:
    """The letters of one order."""
    sql = f"SELECT {_COLUMNS} FROM outgoing_mail WHERE order_no = ? ORDER BY number"
    return [_mail(row) for row in store.rows(sql, [order_no])]


def troubled(store: Store) -> list[QueuedMail]:
    """The letters that failed for good, or have not gone out at the first attempt."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM outgoing_mail"
        " WHERE state = 'failed' OR (state = 'waiting' AND attempts > 0) ORDER BY number"
    )
    return [_mail(row) for row in rows]


def settle(
    store: Store, number: int, state: str, *, attempts: int, next_at: int = 0, trouble: str = ""
) -> None:
    """Write down what became of a letter. What was sent keeps no text."""
    store.run(
        "UPDATE outgoing_mail SET state = ?, attempts = ?, next_at = ?, trouble = ?,"
        " body = CASE ? WHEN 'sent' THEN '' ELSE body END WHERE number = ?",
        [state, attempts, next_at, trouble, state, number],
    )


def forget_failed(store: Store) -> int:
    """Delete the letters that are tried no more; count them."""
    return store.run("DELETE FROM outgoing_mail WHERE state = 'failed'")


def delete_old(store: Store, now: int) -> int:
    """Delete letters that went out or failed long ago."""
    sql = "DELETE FROM outgoing_mail WHERE state <> 'waiting' AND made_at < ?"
    return store.run(sql, [now - KEPT_SECONDS])


def _mail(row: Mapping[str, Any]) -> QueuedMail:
    return QueuedMail(**row)
