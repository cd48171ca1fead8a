"""Where a record stands and since when it counts as delivered: leaves, receipts, history."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One valid public body of an identity; `received_at` is the receipt of its leaf (feed §9)."""

    origin: str
    index: int
    deleted: bool
    received_at: int | None


def receipt(db: sqlite3.Connection, log_no: int, index: int) -> int | None:
    """The time of the earliest cosignature over any size above this index, POSIX seconds."""
    found: int | None = db.execute(
        "SELECT min(at) FROM receipt WHERE log_no = ? AND size > ?", (log_no, index)
    ).fetchone()[0]
    return found


def history(db: sqlite3.Connection, unit_no: int, kind: str, id_: str) -> list[Place]:
    """Every valid public body of an identity by (epoch, index), the newest last."""
    rows = db.execute(
        "SELECT l.origin, b.idx, b.deleted, b.log_no FROM log l"
        " JOIN body b ON b.log_no = l.log_no AND b.kind = ? AND b.id = ? AND b.tier = 0"
        " WHERE l.unit_no = ? ORDER BY l.epoch, b.idx",
        (kind, id_, unit_no),
    )
    return [
        Place(origin, index, bool(deleted), receipt(db, log_no, index))
        for origin, index, deleted, log_no in rows.fetchall()
    ]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf with a valid public body, and whose it is."""

    index: int
    kind: str
    id: str
    deleted: bool


def public_leaves(
    db: sqlite3.Connection, log_no: int, start: int, stop: int, limit: int
) -> Iterator[Leaf]:
    """The leaves of [start, stop) that have a valid public body, in order, at most `limit`."""
    rows = db.execute(
        "SELECT idx, kind, id, deleted FROM body WHERE log_no = ? AND tier = 0"
        " AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?",
        (log_no, start, stop, limit),
    )
    for index, kind, id_, deleted in rows:
        yield Leaf(index, kind, id_, bool(deleted))
