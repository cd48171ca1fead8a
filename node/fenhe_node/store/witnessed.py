"""Lines of witnesses by log: what a unit can show where its hub was away (feed §9).

As with receipts, of one witness only those notes are kept that are the earliest for some index:
once for our own checkpoint, once for each hub whose cosigned note had the line.
"""

from collections.abc import Collection
from dataclasses import dataclass

from fenhe_node.store.database import Store


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A note with the line that `key` made at `time` (POSIX seconds).

    `hub` is whose cosignature came to the same note in time; empty where it is our own checkpoint.
    """

    hub: str
    log: str
    witness: str
    size: int
    time: int
    key: str  # a verifier key
    note: bytes


def keep(store: Store, found: Witnessed) -> None:
    """Keep a note unless one that is no later covers as much."""
    row = [getattr(found, name) for name in Witnessed.__slots__]
    with store.transaction():
        added = store.run(
            """
            INSERT OR REPLACE INTO witnessed(hub, log, witness, size, time, key, note)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
              SELECT 1 FROM witnessed
              WHERE hub = ?1 AND log = ?2 AND witness = ?3 AND size >= ?4 AND time <= ?5)
            """,
            row,
        )
        if added:
            store.run(
                """
                DELETE FROM witnessed
                WHERE hub = ? AND log = ? AND witness = ? AND size < ? AND time >= ?
                """,
                row[:5],
            )


def covering(store: Store, log: str, index: int) -> tuple[Witnessed, ...]:
    """The earliest note of each witness that covers the leaf at `index`: ours, and by hub."""
    rows = store.rows(
        """
        SELECT hub, log, witness, min(size) AS size, time, key, note FROM witnessed
        WHERE log = ? AND size > ? GROUP BY hub, witness ORDER BY time, hub, witness
        """,
        [log, index],
    )
    return tuple(Witnessed(**row) for row in rows)


def put_named(store: Store, hub: str, keys: Collection[str]) -> None:
    """Remember whose lines this hub says that it counts."""
    with store.transaction():
        store.run("DELETE FROM hub_witness WHERE hub = ?", [hub])
        store.many("INSERT OR IGNORE INTO hub_witness VALUES(?, ?)", ((hub, key) for key in keys))


def naming(store: Store, key: str) -> frozenset[str]:
    """The hubs that count the lines of this witness."""
    rows = store.rows("SELECT hub FROM hub_witness WHERE key = ?", [key])
    return frozenset(row["hub"] for row in rows)


def count(store: Store, witness: str, logs: Collection[str]) -> tuple[int, int]:
    """How many records of these logs have a line of this witness, and how many there are."""
    marks = ", ".join("?" * len(logs))
    (row,) = store.rows(
        f"""
        SELECT count(*) AS total, coalesce(sum(idx < (
          SELECT max(size) FROM witnessed w WHERE w.log = p.log AND w.witness = ?)), 0) AS n
        FROM published p WHERE log IN ({marks})
        """,
        [witness, *logs],
    )
    return row["n"], row["total"]
