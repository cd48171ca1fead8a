"""What publish has to write, and what it has written. Publish plans, writes the feed, settles.

A plan is durable before the feed is touched, so that a publish killed anywhere is settled at the
next start from the size of the log alone: `settle` first, then `changes`.
"""

from collections.abc import Iterable

from fenhe_node.store import Store, feed
from fenhe_node.store.feed import Change
from fenhe_node.store.feed import Leaf as Planned

__all__ = ["Change", "Planned", "changes", "plan", "settle"]


def changes(store: Store, *, sealing: bool = False) -> tuple[Change, ...]:
    """List what differs from what is published: oldest change first, then as rows stood.

    `sealing`: there is a key to seal to, and the digests of what is sealed are taken.
    """
    return feed.unpublished(store, sealing=sealing)


def plan(store: Store, planned: Iterable[Planned]) -> None:
    """Write down, durably, which leaves the next publish will write."""
    with store.transaction():
        feed.plan(store, planned)


def settle(store: Store, log: str, size: int) -> int:
    """Count the planned leaves of `log` below `size` as published, and drop the others."""
    return feed.settle(store, log, size)
