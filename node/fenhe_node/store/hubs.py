"""The hubs that this node trusts to read its held files (`fenhe-node trust`)."""

from dataclasses import dataclass

from fenhe_node.store.database import Store


@dataclass(frozen=True)
class Hub:
    """`root` is the newest verified root document as received; `at` POSIX seconds."""

    origin: str
    url: str
    fingerprint: str
    root: bytes
    at: int


def put(store: Store, hub: Hub) -> None:
    """Enrol a hub, or keep its newer root document."""
    store.put("hub", [vars(hub)])


def remove(store: Store, origin: str) -> bool:
    """Forget a hub; False if it was unknown."""
    return store.run("DELETE FROM hub WHERE origin = ?", [origin]) > 0


def find(store: Store, origin: str) -> Hub | None:
    """Find one hub by its origin."""
    rows = store.rows("SELECT * FROM hub WHERE origin = ?", [origin])
    return Hub(**rows[0]) if rows else None


def every(store: Store) -> tuple[Hub, ...]:
    """List all, by origin."""
    return tuple(Hub(**row) for row in store.rows("SELECT * FROM hub ORDER BY origin"))
