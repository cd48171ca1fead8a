"""How far each hub has got with each log: what its mirror shows, what its `fed` says (feed §9)."""

from dataclasses import asdict, dataclass

from fenhe_node.store.database import Store
from fenhe_protocol.position import Position


@dataclass(frozen=True, slots=True)
class HubLog:
    """One log at one hub; `odd` is the code of what must never be, empty if all is well."""

    hub: str
    log: str
    mirrored: int = 0  # size that the mirror shows with its cosignature
    announced: int = 0  # size of the largest cosigned `adv` in `fed`
    odd: str = ""
    other_tree: int = 0  # 1: an `adv` announced a tree with our signature that is not ours
    checked: int = 0  # size below which what it shows was read back
    lacking: int = 0  # body lines of ours that it did not show then
    submitted: int = 0  # size that its add-checkpoint accepted last
    submitted_at: int = 0  # POSIX seconds
    arrested: int = 0  # 1: it says that it quarantined the log


@dataclass(frozen=True, slots=True)
class HubFed:
    """How far the `fed` of a hub was heard; `trouble` is the code of what is wrong with it."""

    hub: str
    heard: int = 0
    trouble: str = ""
    epoch: int = 1

    @property
    def place(self) -> Position:
        """How far, through all its epochs."""
        return Position(self.epoch, self.heard)


def of_log(store: Store, hub: str, log: str) -> HubLog:
    """What is known of a log at a hub; all zero before the first look."""
    rows = store.rows("SELECT * FROM hub_log WHERE hub = ? AND log = ?", [hub, log])
    return HubLog(**rows[0]) if rows else HubLog(hub, log)


def note_shown(store: Store, hub: str, log: str, size: int, odd: str) -> None:
    """What the mirror shows now."""
    _note(store, hub, log, "mirrored = ?, odd = ?", [size, odd])


def note_arrested(store: Store, hub: str, log: str, arrested: bool) -> None:
    """Whether the hub says now that it has quarantined the log."""
    _note(store, hub, log, "arrested = ?", [int(arrested)])


def note_announced(store: Store, hub: str, log: str, size: int) -> None:
    """An `adv` with the hub's cosignature stands in `fed`."""
    _note(store, hub, log, "announced = max(announced, ?)", [size])


def note_other_tree(store: Store, hub: str, log: str) -> None:
    """An `adv` announced another tree than ours; this is never forgotten."""
    _note(store, hub, log, "other_tree = ?", [1])


def note_checked(store: Store, hub: str, log: str, size: int, lacking: int) -> None:
    """What the mirror shows was compared up to `size`; where lines lack it is done again."""
    if lacking:
        _note(store, hub, log, "lacking = ?", [lacking])
    else:
        _note(store, hub, log, "lacking = 0, checked = ?", [size])


def note_submitted(store: Store, hub: str, log: str, size: int, now: int) -> None:
    """The hub's add-checkpoint has accepted this size."""
    _note(store, hub, log, "submitted = ?, submitted_at = ?", [size, now])


def fed(store: Store, hub: str) -> HubFed:
    """How far `fed` was heard."""
    rows = store.rows("SELECT * FROM hub_fed WHERE hub = ?", [hub])
    return HubFed(**rows[0]) if rows else HubFed(hub)


def put_fed(store: Store, found: HubFed) -> None:
    """Remember how far `fed` was heard."""
    store.put("hub_fed", [asdict(found)])


def _note(store: Store, hub: str, log: str, change: str, values: list[object]) -> None:
    with store.transaction():
        store.run("INSERT OR IGNORE INTO hub_log(hub, log) VALUES(?,?)", [hub, log])
        store.run(f"UPDATE hub_log SET {change} WHERE hub = ? AND log = ?", [*values, hub, log])
