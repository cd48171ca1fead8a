"""What the rules of each hub say of this unit: as the hub told it last, and when it was asked."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from fenhe_node.store.database import Store


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """One finding; `state` is overdue, due, provisional or unknown, `due` a date or empty."""

    hub: str
    rule: str
    rule_name: str
    kind: str
    id: str
    state: str
    due: str
    todo: str


def put(store: Store, hub: str, found: Iterable[KeptFinding], total: int, at: int) -> None:
    """Keep these of a hub and no others."""
    with store.transaction():
        store.run("DELETE FROM hub_finding WHERE hub = ?", [hub])
        rows = ({"seq": seq, **asdict(each)} for seq, each in enumerate(found))
        store.put("hub_finding", rows)
        store.put("hub_asked", [{"hub": hub, "at": at, "total": total}])


def asked_at(store: Store, hub: str) -> int:
    """When the hub was asked last: POSIX seconds, 0 for never."""
    rows = store.rows("SELECT at FROM hub_asked WHERE hub = ?", [hub])
    return int(rows[0]["at"]) if rows else 0


def every(store: Store) -> tuple[KeptFinding, ...]:
    """All of them, by hub, what is due first at the top."""
    rows = store.rows(
        "SELECT hub, rule, rule_name, kind, id, state, due, todo FROM hub_finding ORDER BY hub, seq"
    )
    return tuple(KeptFinding(**row) for row in rows)


def total(store: Store) -> int:
    """How many there are at the hubs, also beyond those that are kept."""
    return int(store.rows("SELECT coalesce(sum(total), 0) AS n FROM hub_asked")[0]["n"])
