"""The heartbeats that stand in a mirrored log."""

from collections.abc import Iterator

from fenhe_client.writing.erasing import stored_entries
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.leaf import HeartbeatLeaf, LeafForm, may_be_of, parse_leaf


def heartbeats(log: MirrorLog, start: int, stop: int) -> Iterator[tuple[int, HeartbeatLeaf]]:
    """Those among the leaves [start, stop), each with its index; StoreError."""
    for index, raw in stored_entries(log.files, start, stop):
        if may_be_of("h", raw) and (leaf := _parsed(raw, index, log.name)) is not None:
            yield index, leaf


def _parsed(raw: bytes, index: int, log: str) -> HeartbeatLeaf | None:
    try:
        leaf = parse_leaf(raw, index=index, log=log)
    except LeafForm:
        return None
    return leaf if isinstance(leaf, HeartbeatLeaf) else None
