"""What bounds a push: leaves a day, room in the inbox, room on the disk (feed §12)."""

from pathlib import Path

from fenhe_hub.inbox import open_inbox
from fenhe_protocol.upload import MirrorInfo
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.push_house import pushing
from tests.hub.pusher import Pusher, info_of

CATALOGUE = "u1.example/fenhe/catalogue"
SIZE = 600


def pending(pusher: Pusher) -> int:
    return open_inbox(pusher.hub.home, CATALOGUE).reach(0)


async def test_no_more_leaves_than_a_day_allows(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(SIZE)))
    async with pushing(tmp_path, node, day_leaves=300) as (_, pusher):
        await pusher.add_checkpoint()
        answer = await pusher.add_entries("catalogue", 0, SIZE)
        assert (answer.status, info_of(await answer.read())) == (202, MirrorInfo(SIZE, 256))
        assert (await pusher.add_entries("catalogue", 256, SIZE)).status == 429
        assert pending(pusher) == 256


async def test_a_full_inbox_takes_no_more(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(SIZE)))
    async with pushing(tmp_path, node, inbox_mib=0) as (_, pusher):
        await pusher.add_checkpoint()
        assert (await pusher.add_entries("catalogue", 0, SIZE)).status == 503


async def test_a_full_disk_takes_no_more(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(instrument("A-1"))
    async with pushing(tmp_path, node, least_free_mib=2**40) as (_, pusher):
        await pusher.add_checkpoint()
        assert (await pusher.add_entries("catalogue", 0, 1)).status == 503
