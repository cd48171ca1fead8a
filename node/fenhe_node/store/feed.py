"""What of the record store is published, and what a publish is about to write."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store


@dataclass(frozen=True)
class Leaf:

    """

    kind: str
    id: str
    sent: str
    tiers: frozenset[str]
    log: str
    index: int


@dataclass(frozen=True)
class Unpublished:
    """A record whose state is not the published one; `before`: tiers it was ever published in.

    nothing is.
    """

    kind: str
    id: str
    record: Mapping[str, Any]
    sent: str
    published: bool
    before: frozenset[str]
    open_same: bool = False


"""


    """List the records that differ from what is published, oldest change first.

    A record deleted before it was ever published is none of them: nobody has heard of it.
    """
    rows = store.rows(
        f"""
        SELECT r.kind, r.id, r.record, r.sent, p.sent IS NOT NULL AS published, p.tiers,
               r.sent IS p.sent AS open_same,
        FROM record r LEFT JOIN published p ON p.kind = r.kind AND p.id = r.id
          AND (p.sent IS NOT NULL OR json_extract(r.record, '$.deleted') IS NULL)
        ORDER BY r.at, r.kind, r.import_no, r.row, r.id
        """,
    )
    return tuple(
        Unpublished(
            row["kind"],
            row["id"],
            json.loads(row["record"]),
            row["sent"],
            bool(row["published"]),
            _tiers(row["tiers"]),
            bool(row["open_same"]),
        )
        for row in rows
    )


def plan(store: Store, leaves: Iterable[Leaf]) -> None:
    """Write down leaves that are about to be written."""
    store.many(
        " VALUES(?,?,?,?,?,?,?)",
    )


def planned(store: Store, log: str) -> tuple[Leaf, ...]:
    """List the planned leaves of a log by index."""
    rows = store.rows("SELECT * FROM planned WHERE log = ? ORDER BY idx", [log])
    return tuple(
        for r in rows
    )


def settle(store: Store, log: str, size: int) -> int:
    """Take the planned leaves below `size` as published, forget the others; count the former."""
    done = [leaf for leaf in planned(store, log) if leaf.index < size]
    with store.transaction():
        for leaf in done:
            store.run(
                """
                VALUES(?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, ''))
                ON CONFLICT(kind, id) DO UPDATE
                SET sent = excluded.sent, tiers = excluded.tiers, log = excluded.log,
                """,
                [
                    leaf.kind,
                    leaf.id,
                    leaf.sent,
                    _both(store, leaf),
                    leaf.log,
                    leaf.index,
                ],
            )
                place = [leaf.log, leaf.index, leaf.kind, leaf.id]
        store.run("DELETE FROM planned WHERE log = ?", [log])
    return len(done)


def where_published(store: Store, kind: str, record_id: str) -> Leaf | None:
    """Find the leaf that holds the published state of a record."""
    rows = store.rows("SELECT * FROM published WHERE kind = ? AND id = ?", [kind, record_id])
    if not rows:
        return None
    r = rows[0]
    return Leaf(r["kind"], r["id"], r["sent"], _tiers(r["tiers"]), r["log"], r["idx"])


def published_as(store: Store, record_id: str, kind: str = "") -> tuple[Leaf, ...]:
    """The leaves that hold the published state of the records with this id, of any kind or one."""
    rows = store.rows(
        "SELECT kind FROM published WHERE id = ? AND (? = '' OR kind = ?) ORDER BY kind",
        [record_id, kind, kind],
    )
    found = (where_published(store, row["kind"], record_id) for row in rows)
    return tuple(leaf for leaf in found if leaf is not None)


def published_at(store: Store, log: str, index: int) -> Leaf | None:
    """Find the record whose published state is the leaf at `index`; None where a later one is."""
    rows = store.rows(
        "SELECT kind, id FROM published WHERE log = ?1 AND idx = ?2"
        [log, index],
    )
    return where_published(store, rows[0]["kind"], rows[0]["id"]) if rows else None


    rows = store.rows(
        [kind, record_id],
    )
    return tuple((row["log"], row["idx"]) for row in rows)


def _both(store: Store, leaf: Leaf) -> str:
    before = where_published(store, leaf.kind, leaf.id)
    return " ".join(sorted(leaf.tiers | (before.tiers if before else frozenset())))


def _tiers(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())
