"""What of the record store is published, and what a publish is about to write."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_node.store.database import Store


@dataclass(frozen=True)
class Leaf:
    """One leaf, planned or written: the state `sent` of a record in `tiers`.

    `nat` names what is sealed in it, as `store.sealing` does; None: it says nothing in that tier.
    """

    kind: str
    id: str
    sent: str
    tiers: frozenset[str]
    log: str
    index: int
    nat: str | None = None


@dataclass(frozen=True)
class Unpublished:
    """A record whose state is not the published one; `before`: tiers it was ever published in.

    `open_same`: all but what is sealed is as published. `nat` names what is to be sealed now; None:
    nothing is.
    """

    kind: str
    id: str
    record: Mapping[str, Any]
    sent: str
    published: bool
    before: frozenset[str]
    open_same: bool = False
    nat: str | None = None


# What is sealed differs from what was: the deletion only of what was ever sealed.
NAT_DIFFERS = """
    CASE WHEN instr(coalesce(p.tiers, ''), 'nat') THEN coalesce(r.nat, '') IS NOT p.nat
         ELSE coalesce(r.nat, '') NOT IN ('', 'deleted') END
"""


def unpublished(store: Store, *, sealing: bool = False) -> tuple[Unpublished, ...]:
    """List the records that differ from what is published, oldest change first.

    A record deleted before it was ever published is none of them: nobody has heard of it.
    `sealing`: what would be sealed counts too, as `store.sealing` knows it.
    """
    rows = store.rows(
        f"""
        SELECT r.kind, r.id, r.record, r.sent, p.sent IS NOT NULL AS published, p.tiers,
               r.sent IS p.sent AS open_same,
               CASE WHEN ?1 AND {NAT_DIFFERS} THEN coalesce(r.nat, '') END AS nat
        FROM record r LEFT JOIN published p ON p.kind = r.kind AND p.id = r.id
        WHERE (r.sent IS NOT p.sent OR (?1 AND {NAT_DIFFERS}))
          AND (p.sent IS NOT NULL OR json_extract(r.record, '$.deleted') IS NULL)
        ORDER BY r.at, r.kind, r.import_no, r.row, r.id
        """,
        [sealing],
    )
    return tuple(
        Unpublished(
            row["kind"],
            row["id"],
            orjson.loads(row["record"]),
            row["sent"],
            bool(row["published"]),
            _tiers(row["tiers"]),
            bool(row["open_same"]),
            row["nat"],
        )
        for row in rows
    )


def plan(store: Store, leaves: Iterable[Leaf]) -> None:
    """Write down leaves that are about to be written."""
    store.many(
        "INSERT OR REPLACE INTO planned(log, idx, kind, id, sent, tiers, nat)"
        " VALUES(?,?,?,?,?,?,?)",
        ((x.log, x.index, x.kind, x.id, x.sent, " ".join(sorted(x.tiers)), x.nat) for x in leaves),
    )


def planned(store: Store, log: str) -> tuple[Leaf, ...]:
    """List the planned leaves of a log by index."""
    rows = store.rows("SELECT * FROM planned WHERE log = ? ORDER BY idx", [log])
    return tuple(
        Leaf(r["kind"], r["id"], r["sent"], _tiers(r["tiers"]), r["log"], r["idx"], r["nat"])
        for r in rows
    )


_PUBLISHED = """
    INSERT INTO published(kind, id, sent, tiers, log, idx, nat)
    VALUES(?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, ''))
    ON CONFLICT(kind, id) DO UPDATE
    SET sent = excluded.sent, tiers = excluded.tiers, log = excluded.log,
        idx = iif(?8, idx, excluded.idx), nat = coalesce(?7, nat)
"""


def settle(store: Store, log: str, size: int) -> int:
    """Take the planned leaves below `size` as published, forget the others; count the former."""
    done = [leaf for leaf in planned(store, log) if leaf.index < size]
    with store.transaction():
        store.many(_PUBLISHED, _with_former_tiers(store, done))
        sealed = ((x.log, x.index, x.kind, x.id) for x in done if x.nat is not None)
        store.many("INSERT OR REPLACE INTO sealed_leaf VALUES(?,?,?,?)", sealed)
        store.run("DELETE FROM planned WHERE log = ?", [log])
    return len(done)


def _with_former_tiers(store: Store, leaves: Iterable[Leaf]) -> Iterator[tuple[Any, ...]]:
    """Give the rows of these leaves; each names the tiers in which its record ever stood."""
    rows = store.rows(
        "SELECT DISTINCT p.kind, p.id, p.tiers FROM planned JOIN published p USING(kind, id)"
    )
    ever = {(row["kind"], row["id"]): _tiers(row["tiers"]) for row in rows}
    for x in leaves:
        tiers = ever[x.kind, x.id] = x.tiers | ever.get((x.kind, x.id), frozenset())
        only_sealed = x.tiers == {"nat"}  # what can be read stands where it stood
        yield (x.kind, x.id, x.sent, " ".join(sorted(tiers)), x.log, x.index, x.nat, only_sealed)


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
        " UNION SELECT kind, id FROM sealed_leaf WHERE log = ?1 AND idx = ?2",
        [log, index],
    )
    return where_published(store, rows[0]["kind"], rows[0]["id"]) if rows else None


def _tiers(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())
