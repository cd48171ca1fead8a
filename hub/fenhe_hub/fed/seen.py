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

Head = tuple[str, int, bytes]
"""(log, size, root)."""

_MOST_BLOCKS = 64  # looked through from the end: a heartbeat comes where the log stands still


def seen_since(hub: Hub, origin: str, place: Position) -> int | None:
    """Since when a unit's catalogue says that what stands at a place of `fed` was read.

    POSIX seconds by the node's clock; None where no heartbeat of its last leaves says so.
    """
    own, reaching = OwnHeads(hub), list[tuple[int, list[Head]]]()
    for beat in _beats(MirrorLog(hub.home, origin)):
        heads = [head for head in beat.heads if own.lists(head[0])]
        if heads and not (far := [head for head in heads if _reaches(head, place)]):
            break  # those before it had read no more
        if heads:
            reaching.append((beat.time, far))
    # Whether a head is one of ours is asked last: it is worked out from the log each time.
    ours = (at for at, far in reversed(reaching) if not all(own.denies(*head) for head in far))
    return next(ours, None)


def _reaches(head: Head, place: Position) -> bool:
    epoch = split_log_name(head[0].rpartition("/")[2])[1]
    return Position(epoch, head[1]) > place


def _beats(log: MirrorLog) -> Iterator[HeartbeatLeaf]:
    """The heartbeats of a log, the newest first."""
    if (head := log.head()) is None:
        return
    for block in reversed(blocks_between(0, head.size)[-_MOST_BLOCKS:]):
        found = heartbeats(log, block * BLOCK, min(head.size, (block + 1) * BLOCK))
        for _, beat in reversed([*found]):
            yield beat
