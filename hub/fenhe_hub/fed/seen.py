"""Whether a unit's node has read what our log says: its own heartbeats tell how far (feed §2, §6).

A heartbeat names the newest head of `fed` that the node has verified, and stands in the unit's log
under the unit's key: what lies below that head has reached it, and it cannot say otherwise later.
"""

from collections.abc import Iterator

from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.heartbeats import heartbeats
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.leaf import HeartbeatLeaf, split_log_name
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.position import Position
from fenhe_protocol.tiles import blocks_between

_MOST_BLOCKS = 64  # looked through from the end: a heartbeat comes where the log stands still


def seen_since(hub: Hub, origin: str, place: Position) -> int | None:
    """Since when a unit's catalogue says that what stands at a place of `fed` was read.

    POSIX seconds by the node's clock; None where no heartbeat of its last leaves says so.
    """
    own, first = OwnHeads(hub), None
    for beat in _beats(MirrorLog(hub.home, origin)):
        heads = [head for head in beat.heads if own.lists(head[0]) and not own.denies(*head)]
        if not heads:
            continue
        if not any(_reaches(name, size, place) for name, size, _ in heads):
            break  # those before it had read no more
        first = beat.time
    return first


def _reaches(origin: str, size: int, place: Position) -> bool:
    epoch = split_log_name(origin.rpartition("/")[2])[1]
    return Position(epoch, size) > place


def _beats(log: MirrorLog) -> Iterator[HeartbeatLeaf]:
    """The heartbeats of a log, the newest first."""
    if (head := log.head()) is None:
        return
    for block in reversed(blocks_between(0, head.size)[-_MOST_BLOCKS:]):
        found = heartbeats(log, block * BLOCK, min(head.size, (block + 1) * BLOCK))
        for _, beat in reversed([*found]):
            yield beat
