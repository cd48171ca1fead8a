"""How much there is of what: the figures of `status`, each one query."""

from fenhe_node.store.database import Store
from fenhe_node.store.feed import NAT_DIFFERS


def published_by_kind(store: Store) -> dict[str, int]:
    """Count the records that are published and not deleted, by kind."""
    rows = store.rows(
        """
        SELECT p.kind, count(*) AS n FROM published p JOIN record r USING(kind, id)
        WHERE json_extract(r.record, '$.deleted') IS NULL OR r.sent <> p.sent
        GROUP BY p.kind ORDER BY p.kind
        """
    )
    return {row["kind"]: row["n"] for row in rows}


def pending(store: Store, *, sealing: bool = False) -> int:
    """Count the records whose state is not the published one; `sealing` as in `feed`."""
    rows = store.rows(
        f"""
        SELECT count(*) AS n FROM record r LEFT JOIN published p USING(kind, id)
        WHERE (r.sent IS NOT p.sent OR (? AND {NAT_DIFFERS}))
          AND (p.sent IS NOT NULL OR json_extract(r.record, '$.deleted') IS NULL)
        """,
        [sealing],
    )
    return int(rows[0]["n"])


def vanished(store: Store) -> int:
    """Count the records that no longer stand in their list and are not deleted."""
    rows = store.rows(
        "SELECT count(*) AS n FROM record"
        " WHERE vanished AND json_extract(record, '$.deleted') IS NULL"
    )
    return int(rows[0]["n"])


def held_by_kind(store: Store, hub: str) -> dict[str, int]:
    """Count the living published records that a hub's mirror holds and does not refuse, by kind."""
    rows = store.rows(
        """
        SELECT p.kind, count(*) AS n FROM published p
        JOIN record r USING(kind, id) JOIN hub_log h ON h.log = p.log AND h.hub = ?
        WHERE p.idx < h.mirrored
          AND (json_extract(r.record, '$.deleted') IS NULL OR r.sent <> p.sent)
          AND NOT EXISTS(SELECT 1 FROM hub_refusal x
                         WHERE x.hub = h.hub AND x.log = p.log AND x.idx = p.idx)
        GROUP BY p.kind
        """,
        [hub],
    )
    return {row["kind"]: row["n"] for row in rows}
