"""What publish has to write, and what it has written. Publish plans, writes the feed, settles.

A plan is durable before the feed is touched, so that a publish killed anywhere is settled at the
next start from the size of the log alone: `settle` first, then `changes`.
"""

from collections.abc import Iterable, Iterator

from fenhe_node.store import Store, feed
from fenhe_node.store.feed import Change
from fenhe_node.store.feed import Leaf as Planned

__all__ = ["Change", "Planned", "changes", "count_changes", "in_portions", "plan", "settle"]

PORTION = 8192  # changes held in memory while they are published


def changes(store: Store, *, sealing: bool = False) -> tuple[Change, ...]:
    """List what differs from what is published: oldest change first, then as rows stood.

    `sealing`: there is a key to seal to, and the digests of what is sealed are taken.
    """
    return feed.unpublished(store, sealing=sealing)


def count_changes(store: Store, *, sealing: bool = False) -> int:
    """Note what differs now, and count it."""
    return feed.count_unpublished(store, sealing=sealing)


def in_portions(store: Store, *, sealing: bool = False) -> Iterator[tuple[Change, ...]]:
    """What was noted last, in the same order, a portion at a time."""
    return feed.portions(store, PORTION, sealing=sealing)


def plan(store: Store, planned: Iterable[Planned]) -> None:
    """Write down, durably, which leaves the next publish will write."""
    with store.transaction():
        feed.plan(store, planned)


def settle(store: Store, log: str, size: int) -> int:
    """Count the planned leaves of `log` below `size` as published, and drop the others."""
    return feed.settle(store, log, size)
