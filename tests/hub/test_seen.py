"""Whether a unit's node has read what the hub says, by the heartbeats that it signs."""

from pathlib import Path

from fenhe_client.stored.files import stored_hashes
from fenhe_hub.fed.heads import OwnHeads
from fenhe_hub.fed.seen import seen_since
from fenhe_hub.hub import Hub
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import HeartbeatLeaf
from fenhe_protocol.merkle import root_at
from fenhe_protocol.position import Position
from tests.hub.fake_node import START, instrument
from tests.hub.provinces import Province, founded


def head(hub: Hub, size: int) -> tuple[str, int, bytes]:
    """What our own log had at a size."""
    whole = OwnHeads(hub).size_of(hub.fed_origin)
    return hub.fed_origin, size, root_at(size, stored_hashes(hub.fed_files(), whole))


async def beaten(province: Province, at: int, *heads: tuple[str, int, bytes]) -> int | None:
    """The node says what it has verified; since when it is known to have read leaf 1 of `fed`."""
    node = province.nodes[0]
    node.append([plain_entry(HeartbeatLeaf(at, heads))])
    await province.sync(10)
    return seen_since(province.hub, f"{node.origin}/catalogue", Position(1, 1))


async def test_a_leaf_is_read_once_a_heartbeat_names_a_true_head_above_it(tmp_path: Path) -> None:
    async with founded(tmp_path, 1) as province:
        hub = province.hub
        province.nodes[0].publish(instrument("A-1"))
        await province.sync()
        await province.sync(7200)
        assert await beaten(province, START) is None
        origin, size, root = head(hub, 2)
        assert await beaten(province, START + 1, head(hub, 1)) is None  # the leaf is number 1
        assert await beaten(province, START + 2, ("other.example/fed", 9, b"o" * 32)) is None
        assert await beaten(province, START + 3, (origin, size, root[::-1])) is None
        assert await beaten(province, START + 4, head(hub, 2)) == START + 4
        assert await beaten(province, START + 5, head(hub, 3)) == START + 4
        assert await beaten(province, START + 6) == START + 4
        assert seen_since(hub, f"{province.nodes[0].origin}/usage", Position(1, 1)) is None
