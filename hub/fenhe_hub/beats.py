"""What a unit's heartbeats tell: of its clock, and of the hub (feed §6, end). They refuse nothing.

A heartbeat names the newest head of our `fed` that the unit has verified. If our own log has
another root at that size, or is shorter, two histories of this hub are about.
"""

from collections.abc import Sequence

from fenhe_client.files import FeedFiles, stored_hashes
from fenhe_hub.staleness import Beat, clock_fault
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import EMPTY_ROOT, root_at

FED_DIFFERS = "fed-differs"


def remark_on(
    beats: Sequence[tuple[int, HeartbeatLeaf]], *, size: int, former_at: int | None, now: int
) -> str:
    """What is wrong with the clock of the last heartbeat of a log of `size`, or nothing.

    `beats` are the last two new ones with their indexes; `former_at` is when the log's former size
    was verified.
    """
    if not beats:
        return ""
    index, last = beats[-1]
    before = beats[-2][1].time if len(beats) > 1 else None
    return clock_fault(Beat(last.time, before, index == size - 1, former_at), now) or ""


def contradicts(leaf: HeartbeatLeaf, fed_origin: str, fed: FeedFiles, size: int) -> bool:
    """Whether a unit has seen another history of our `fed`, which has `size` leaves."""
    for origin, seen, root in leaf.heads:
        if origin == fed_origin:
            return seen > size or root != _root(fed, seen, size)
    return False


def _root(fed: FeedFiles, seen: int, size: int) -> bytes:
    return root_at(seen, stored_hashes(fed, size)) if seen else EMPTY_ROOT
