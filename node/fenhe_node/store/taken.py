"""What each hub said last of the versions of schemas that it takes, and how many records lag."""

from collections.abc import Iterator, Mapping

from fenhe_node.store.database import Store

Told = Mapping[str, tuple[int, int]]
"""For each kind the hub's version, and how many of our records lag."""


def put(store: Store, hub: str, told: Told) -> None:
    """Keep these of a hub and no others."""
    rows = [{"hub": hub, "kind": kind, "version": v, "lagging": n} for kind, (v, n) in told.items()]
    with store.transaction():
        store.run("DELETE FROM hub_schema WHERE hub = ?", [hub])
        store.put("hub_schema", rows)


def every(store: Store) -> Iterator[tuple[str, Told]]:
    """What each hub said, by its origin."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in store.rows("SELECT * FROM hub_schema ORDER BY hub, kind", []):
        found.setdefault(row["hub"], {})[row["kind"]] = (row["version"], row["lagging"])
    yield from found.items()
