"""What of the record store is published, and what a publish is about to write."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fenhe_node.store.database import Store


@dataclass(slots=True)  # not frozen, see `Change`
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


@dataclass(slots=True)  # not frozen: freezing triples the time it takes to make one
class Change:
    """A record whose state is not the published one: it is to be written as one leaf."""

    kind: str
    id: str
    why: str  # "new", "changed", "deleted"
    record: Mapping[str, Any]  # the whole record; for "deleted" envelope and `deleted`
    sent: str  # names this state: give it back in `Leaf`
    tiers_before: frozenset[str]  # tiers in which it was ever published
    open_same: bool = False  # only what is sealed has changed
    nat: str | None = None  # names what is to be sealed; None: nothing is. Give it back too


_NOWHERE: frozenset[str] = frozenset()

# What is sealed differs from what was: the deletion only of what was ever sealed.
NAT_DIFFERS = """
    CASE WHEN instr(coalesce(p.tiers, ''), 'nat') THEN coalesce(r.nat, '') IS NOT p.nat
         ELSE coalesce(r.nat, '') NOT IN ('', 'deleted') END
"""

_BOTH = "record r LEFT JOIN published p ON p.kind = r.kind AND p.id = r.id"
_CHANGED = f"""
    SELECT r.kind, r.id, r.record, r.sent, p.sent IS NOT NULL, p.tiers, r.sent IS p.sent,
           CASE WHEN ?1 AND {NAT_DIFFERS} THEN coalesce(r.nat, '') END
    FROM {_BOTH}
"""
_UNPUBLISHED = f"""
    WHERE (r.sent IS NOT p.sent OR (?1 AND {NAT_DIFFERS}))
      AND (p.sent IS NOT NULL OR NOT instr(r.record, '"deleted"')
           OR json_extract(r.record, '$.deleted') IS NULL)
"""
_IN_ORDER = "ORDER BY r.at, r.kind, r.import_no, r.row, r.id"


def unpublished(store: Store, *, sealing: bool = False) -> tuple[Change, ...]:
    """List the records that differ from what is published, oldest change first.

    A record deleted before it was ever published is none of them: nobody has heard of it.
    `sealing`: what would be sealed counts too, as `store.sealing` knows it.
    """
    rows = store.table(f"{_CHANGED} {_UNPUBLISHED} {_IN_ORDER}", [sealing])
    return tuple([_change(*row) for row in rows])


def count_unpublished(store: Store, *, sealing: bool = False) -> int:
    """Note which they are, for `portions`; how many."""
    store.run("DROP TABLE IF EXISTS temp.pending")
    store.run("CREATE TEMP TABLE pending(n INTEGER PRIMARY KEY, kind TEXT, id TEXT)")
    keys = f"SELECT NULL, r.kind, r.id FROM {_BOTH} {_UNPUBLISHED} {_IN_ORDER}"
    return store.run(f"INSERT INTO temp.pending {keys}", [sealing])


def portions(store: Store, most: int, *, sealing: bool = False) -> Iterator[tuple[Change, ...]]:
    """The same as `unpublished`, of those noted last, so many at a time; none is empty.

    One that is written meanwhile comes as it is then.
    """
    (last,) = store.table("SELECT coalesce(max(n), 0) FROM temp.pending")[0]
    noted = f"{_CHANGED} JOIN temp.pending k ON k.kind = r.kind AND k.id = r.id {_UNPUBLISHED}"
    for start in range(0, last, most):
        rows = store.table(
            f"{noted} AND k.n > ?2 AND k.n <= ?3 ORDER BY k.n", [sealing, start, start + most]
        )
        if rows:
            yield tuple([_change(*row) for row in rows])
    store.run("DROP TABLE temp.pending")


def _change(
    kind: str,
    id: str,
    text: str,
    sent: str,
    published: int,
    tiers: str | None,
    open_same: int,
    nat: str | None,
) -> Change:
    record = orjson.loads(text)
    why = "deleted" if "deleted" in record else "changed" if published else "new"
    return Change(kind, id, why, record, sent, _tiers(tiers), bool(open_same), nat)


def plan(store: Store, leaves: Iterable[Leaf]) -> None:
    """Write down leaves that are about to be written."""
    store.many(
        "INSERT OR REPLACE INTO planned(log, idx, kind, id, sent, tiers, nat)"
        " VALUES(?,?,?,?,?,?,?)",
        ((x.log, x.index, x.kind, x.id, x.sent, " ".join(sorted(x.tiers)), x.nat) for x in leaves),
    )


_PUBLISHED = """
    INSERT INTO published(kind, id, sent, tiers, log, idx, nat)
    SELECT kind, id, sent, tiers, log, idx, coalesce(nat, '') FROM planned
    WHERE log = ?1 AND idx < ?2 ORDER BY idx
    ON CONFLICT(kind, id) DO UPDATE
    SET sent = excluded.sent, log = excluded.log,
        -- every tier in which the record ever stood, in alphabetical order
        tiers = rtrim(iif(instr(tiers || ' ' || excluded.tiers, 'hub'), 'hub ', '')
                   || iif(instr(tiers || ' ' || excluded.tiers, 'nat'), 'nat ', '')
                   || iif(instr(tiers || ' ' || excluded.tiers, 'pub'), 'pub', '')),
        -- where only something sealed was said, what can be read stands where it stood
        idx = iif(excluded.tiers = 'nat', idx, excluded.idx),
        nat = iif(instr(excluded.tiers, 'nat'), excluded.nat, nat)
"""
_SEALED = """
    INSERT OR REPLACE INTO sealed_leaf(log, idx, kind, id)
    SELECT log, idx, kind, id FROM planned WHERE log = ?1 AND idx < ?2 AND nat IS NOT NULL
"""


def settle(store: Store, log: str, size: int) -> int:
    """Take the planned leaves below `size` as published, forget the others; count the former."""
    with store.transaction():
        done = store.run(_PUBLISHED, [log, size])
        store.run(_SEALED, [log, size])
        store.run("DELETE FROM planned WHERE log = ?", [log])
    return done


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
    return frozenset(text.split()) if text else _NOWHERE
