"""Cosigned notes by log, and when each size was signed: what receipts are read from (feed §9).

Of one cosigner only those notes are kept that are the earliest for some index: sorted by size they
are sorted by time as well, so the smallest that covers an index is its receipt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fenhe_node.store.database import Store


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A note with the cosignature that `key` made at `time` (POSIX seconds)."""

    log: str
    cosigner: str
    size: int
    time: int
    key: str  # a verifier key
    note: bytes


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A size of a log and when this node signed it (POSIX seconds)."""

    log: str
    size: int
    at: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record whose published state no cosignature covers yet; signed at `since`."""

    kind: str
    id: str
    log: str
    index: int
    since: int


def keep(store: Store, found: Cosigned) -> bool:
    """Keep a note unless one that is no later covers as much; whether it is new."""
    row = [found.log, found.cosigner, found.size, found.time, found.key, found.note]
    # Written with the first statement: a transaction that only read before could not wait for
    # another process to finish writing.
    with store.transaction():
        added = store.run(
            """
            INSERT OR REPLACE INTO cosigned(log, cosigner, size, time, key, note)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (
              SELECT 1 FROM cosigned
              WHERE log = ?1 AND cosigner = ?2 AND size >= ?3 AND time <= ?4)
            """,
            row,
        )
        if added:
            store.run(
                "DELETE FROM cosigned WHERE log = ? AND cosigner = ? AND size < ? AND time >= ?",
                row[:4],
            )
    return added > 0


def covering(store: Store, log: str, index: int) -> tuple[Cosigned, ...]:
    """The earliest note of each cosigner that covers the leaf at `index`."""
    rows = store.rows(
        """
        SELECT log, cosigner, min(size) AS size, time, key, note FROM cosigned
        WHERE log = ? AND size > ? GROUP BY cosigner ORDER BY time, cosigner
        """,
        [log, index],
    )
    return tuple(Cosigned(**row) for row in rows)


def covered(store: Store, cosigner: str) -> Mapping[str, int]:
    """The size below which every leaf has a receipt of this cosigner, by log."""
    rows = store.rows(
        "SELECT log, max(size) AS size FROM cosigned WHERE cosigner = ? GROUP BY log", [cosigner]
    )
    return {row["log"]: row["size"] for row in rows}


def note_heads(store: Store, heads: Iterable[SignedHead]) -> None:
    """Remember when these sizes were signed; the first word on a size counts."""
    store.many(
        "INSERT OR IGNORE INTO signed_head(log, size, at) VALUES(?,?,?)",
        ((head.log, head.size, head.at) for head in heads if head.size),
    )


def first_above(store: Store, log: str, size: int) -> SignedHead | None:
    """The smallest signed head that goes beyond `size`."""
    rows = store.rows(
        "SELECT log, size, at FROM signed_head WHERE log = ? AND size > ? ORDER BY size LIMIT 1",
        [log, size],
    )
    return SignedHead(**rows[0]) if rows else None


def waiting(store: Store, cosigner: str) -> tuple[Waiting, ...]:
    """The records without a receipt of this cosigner, in the order of their leaves."""
    rows = store.rows(
        """
        SELECT kind, id, log, idx AS "index", coalesce(
          (SELECT at FROM signed_head h WHERE h.log = p.log AND h.size > p.idx
           ORDER BY h.size LIMIT 1), 0) AS since
        FROM published p WHERE idx >= coalesce(
          (SELECT max(size) FROM cosigned c WHERE c.log = p.log AND c.cosigner = ?), 0)
        ORDER BY log, idx
        """,
        [cosigner],
    )
    return tuple(Waiting(**row) for row in rows)


def count(store: Store, cosigner: str) -> int:
    """How many records have a receipt of this cosigner for their published state."""
    rows = store.rows(
        """
        SELECT count(*) AS n FROM published p WHERE idx < (
          SELECT max(size) FROM cosigned c WHERE c.log = p.log AND c.cosigner = ?)
        """,
        [cosigner],
    )
    return int(rows[0]["n"])


def put_first(store: Store, hub: str, log: str, index: int, first: str) -> None:
    """Keep what an `rcp` of the hub says: the date that counts for the leaf at `index`."""
    store.put("first_receipt", [{"hub": hub, "log": log, "idx": index, "first": first}])


def first_date(store: Store, hub: str, log: str, index: int) -> str | None:
    """The date of an `rcp` for this leaf, if the hub said one."""
    rows = store.rows(
        "SELECT first FROM first_receipt WHERE hub = ? AND log = ? AND idx = ?", [hub, log, index]
    )
    return rows[0]["first"] if rows else None
