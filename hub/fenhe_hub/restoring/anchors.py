"""What the nodes' heartbeats hold of our own `fed`: heads that they have verified (feed §6, §11).

A hub that came back from an old copy looks whole to itself. Its nodes know better: each `f` names a
size and root of `fed` that some node has seen signed. Start at `anchors_in`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fenhe_hub.mirror.heartbeats import heartbeats
from fenhe_hub.mirror.log import MirrorLog


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of `fed`, or of another epoch of it, that a heartbeat says to have verified."""

    origin: str  # of the log in which the heartbeat stands
    index: int
    fed: str
    size: int
    root: bytes


def anchors_in(log: MirrorLog) -> Iterator[Anchor]:
    """Every `f` in a mirrored log, of whatever hub, up to its verified head."""
    head = log.head()
    for index, beat in heartbeats(log, 0, head.size) if head else ():
        for origin, size, root in beat.heads:
            yield Anchor(log.origin, index, origin, size, root)
