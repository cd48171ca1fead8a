"""A log key that was replaced long ago, in a thief's hands: it stops its log, and shows nothing."""

from pathlib import Path

from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.push_house import pushing

CATALOGUE = "u1.example/fenhe/catalogue"


async def test_a_former_key_that_signs_below_its_bound_stops_the_log_and_shows_nothing(
    tmp_path: Path,
) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(3)))
    stolen = node.log_key
    async with pushing(tmp_path, node) as (province, pusher):
        assert await pusher.push("catalogue")
        node.change_key()
        content = node.read("root", "root/2")
        assert (await pusher.signed("PUT", f"{pusher.inbox()}/root/2", content)).status == 204
        node.publish(instrument("B-1"))
        assert await pusher.push("catalogue")
        before = province.dump()
        for size, status in ((4, 403), (2, 409)):  # above its bound it is nobody's key
            note = sign_checkpoint(Checkpoint(CATALOGUE, size, b"f" * 32), stolen)
            submitted = compose_add_checkpoint(AddCheckpoint(0, (), note))
            assert (await pusher.post("add-checkpoint", submitted)).status == status
            assert is_quarantined(province.hub.home, CATALOGUE) is (size == 2)
        assert rows(province.dump(), "resource") == rows(before, "resource") != []
        node.publish(instrument("B-2"))
        assert (await pusher.add_checkpoint()).status == 403


def rows(dump: list[bytes], table: str) -> list[bytes]:
    return [row for row in dump if f'"table":"{table}"'.encode() in row]
