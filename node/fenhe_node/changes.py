"""What publish has to write, and what it has written. Publish plans, writes the feed, settles.

A plan is durable before the feed is touched, so that a publish killed anywhere is settled at the
next start from the size of the log alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fenhe_node.store import Store


@dataclass(frozen=True)
class Change:
    """One record to write as one leaf."""

    kind: str
    id: str
    why: str  # "new", "changed", "deleted"
    record: Mapping[str, Any]  # the full record; for "deleted" envelope and `deleted`
    sent: str  # names this state: give it back in Planned
    tiers_before: frozenset[str]  # tiers its last published leaf or an earlier one had


@dataclass(frozen=True)
class Planned:
    """One leaf that is about to be written: `log` ("catalogue", "usage", …) and its index."""

    kind: str
    id: str
    sent: str
    tiers: frozenset[str]
    log: str
    index: int


def changes(store: "Store") -> tuple[Change, ...]:
    """List what differs from what is published: by time of the change, then kind, then id."""
    raise NotImplementedError


def plan(store: "Store", planned: Sequence[Planned]) -> None:
    """Write down, durably, which leaves the next publish will write."""
    raise NotImplementedError


def settle(store: "Store", log: str, size: int) -> int:
    """Count the planned leaves of `log` below `size` as published, drop the others."""
    raise NotImplementedError
