"""Up to where the leaves of a hub's `fed` that are for one unit alone were asked for (feed §10)."""

from fenhe_node.store.database import Store
from fenhe_protocol.position import Position

MOST_TRIES = 24


def place(store: Store, hub: str) -> Position:
    """Everything before it was asked for."""
    rows = store.table("SELECT epoch, size FROM hub_to WHERE hub = ?", [hub])
    return Position(*rows[0]) if rows else Position()


def put_place(store: Store, hub: str, at: Position) -> None:
    """Remember that all before it was asked for; what is remembered does not go back."""
    further = max(at, place(store, hub))
    store.put("hub_to", [{"hub": hub, "epoch": further.epoch, "size": further.size}])


def begin(store: Store, hub: str, at: Position) -> None:
    """Ask for nothing before this place, where nothing was remembered yet."""
    store.run("INSERT OR IGNORE INTO hub_to VALUES(?,?,?)", [hub, *at])


def bad(store: Store, hub: str) -> list[Position]:
    """The leaves whose line was wrong when it was given, and may be asked for again."""
    rows = store.table(
        "SELECT epoch, idx FROM hub_to_bad WHERE hub = ? AND tries < ? ORDER BY epoch, idx",
        [hub, MOST_TRIES],
    )
    return [Position(*row) for row in rows]


def note_bad(store: Store, hub: str, at: Position) -> None:
    """One more line that is not what its leaf says."""
    store.run(
        "INSERT INTO hub_to_bad VALUES(?,?,?,1)"
        " ON CONFLICT(hub, epoch, idx) DO UPDATE SET tries = tries + 1",
        [hub, *at],
    )


def note_good(store: Store, hub: str, at: Position) -> None:
    """The leaf needs to be asked for no more."""
    store.run("DELETE FROM hub_to_bad WHERE hub = ? AND epoch = ? AND idx = ?", [hub, *at])
