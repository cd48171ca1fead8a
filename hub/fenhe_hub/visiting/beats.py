"""What a unit's heartbeats tell: of its clock, and of the hub (feed §6, end). They refuse nothing.

A heartbeat names the newest head of our `fed` that the unit has verified. If our own log has
another root at that size, or is shorter, two histories of this hub are about.
"""

from collections.abc import Sequence

from fenhe_hub.agenda.staleness import Beat, clock_fault
from fenhe_hub.fed.heads import OwnHeads
from fenhe_protocol.leaf import HeartbeatLeaf

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


def contradicts(leaf: HeartbeatLeaf, own: OwnHeads) -> bool:
    """Whether a unit has seen another history of our `fed`, in whatever epoch."""
    return any(own.denies(*head) for head in leaf.heads)
