"""What the nodes' heartbeats hold of our own `fed`: heads that they have verified (feed §6, §11).

A hub that came back from an old copy looks whole to itself. Its nodes know better: each `f` names a
size and root of `fed` that some node has seen signed. Start at `contradicted`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fenhe_client.erasing import stored_entries
from fenhe_client.files import FeedFiles, stored_hashes
from fenhe_hub.mirror import MirrorLog
from fenhe_protocol.leaf import HeartbeatLeaf, LeafForm, parse_leaf
from fenhe_protocol.merkle import EMPTY_ROOT, root_at

_HEARTBEAT = b'"k":"h"'


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of `fed` that the heartbeat at `index` of a log says to have verified."""

    origin: str
    index: int
    size: int
    root: bytes


def anchors_in(log: MirrorLog, fed_origin: str) -> Iterator[Anchor]:
    """Every `f` about this `fed` in a mirrored log, up to its verified head."""
    head = log.head()
    for index, raw in stored_entries(log.files, 0, head.size) if head else ():
        if _HEARTBEAT in raw:
            yield from _anchors(log, index, raw, fed_origin)


def _anchors(log: MirrorLog, index: int, raw: bytes, fed_origin: str) -> Iterator[Anchor]:
    try:
        leaf = parse_leaf(raw, index=index, log=log.name)
    except LeafForm:
        return
    for origin, size, root in leaf.heads if isinstance(leaf, HeartbeatLeaf) else ():
        if origin == fed_origin:
            yield Anchor(log.origin, index, size, root)


def contradicted(anchors: Iterable[Anchor], fed: FeedFiles, size: int) -> Iterator[Anchor]:
    """The anchors that are not heads of the `fed` of this size that lies in these files."""
    for anchor in anchors:
        if anchor.size > size or anchor.root != _root(fed, anchor.size, size):
            yield anchor


def _root(fed: FeedFiles, seen: int, size: int) -> bytes:
    return root_at(seen, stored_hashes(fed, size)) if seen else EMPTY_ROOT
