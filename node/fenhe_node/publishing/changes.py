"""What publish has to write, and what it has written. Publish plans, writes the feed, settles.

A plan is durable before the feed is touched, so that a publish killed anywhere is settled at the
next start from the size of the log alone: `settle` first, then `changes`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_node.store import Store, feed
from fenhe_node.store.feed import Leaf as Planned

__all__ = ["Change", "Planned", "changes", "plan", "settle"]


@dataclass(frozen=True)
class Change:
    """One record to write as one leaf."""

    kind: str
    id: str
    why: str  # "new", "changed", "deleted"
    record: Mapping[str, Any]  # the whole record; for "deleted" envelope and `deleted`
    sent: str  # names this state: give it back in Planned
    tiers_before: frozenset[str]  # tiers in which it was ever published
    open_same: bool = False  # only what is sealed has changed
    nat: str | None = None  # names what is to be sealed; None: nothing is. Give it back too


def changes(store: Store, *, sealing: bool = False) -> tuple[Change, ...]:
    """List what differs from what is published: oldest change first, then as rows stood.

    `sealing`: there is a key to seal to, and the digests of what is sealed are taken.
    """
    return tuple(
        Change(u.kind, u.id, _why(u), u.record, u.sent, u.before, u.open_same, u.nat)
        for u in feed.unpublished(store, sealing=sealing)
    )


def plan(store: Store, planned: Iterable[Planned]) -> None:
    """Write down, durably, which leaves the next publish will write."""
    with store.transaction():
        feed.plan(store, planned)


def settle(store: Store, log: str, size: int) -> int:
    """Count the planned leaves of `log` below `size` as published, and drop the others."""
    return feed.settle(store, log, size)


def _why(unpublished: feed.Unpublished) -> str:
    if "deleted" in unpublished.record:
        return "deleted"
    return "changed" if unpublished.published else "new"
