"""What bounds a push: leaves a day, room in the inbox, room on the disk (feed §12)."""

from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.inbox.log import open_inbox
from fenhe_hub.push import room
from fenhe_hub.visiting.workshop import publish_owed
from fenhe_protocol.upload import MirrorInfo
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.push_house import NOW, pushing
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


@pytest.fixture
def _in_kib(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the settings meant KiB: so little fills an inbox."""
    monkeypatch.setattr(room, "_MIB", 1024)


async def reached(pusher: Pusher, log: str = "catalogue") -> int:
    """The next entry, after all packages but the last were sent: so nothing is taken in."""
    await pusher.add_checkpoint(log)
    packages = pusher.packages(log, 0, SIZE)[:-1]
    answer = await pusher.add_entries(log, 0, SIZE, packages)
    assert answer.status == 202, await answer.text()
    return info_of(await answer.read()).next_entry


@pytest.mark.usefixtures("_in_kib")
async def test_an_inbox_that_fills_while_entries_come_keeps_what_came_before(
    tmp_path: Path,
) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument("A-1") for _ in range(SIZE)))
    async with pushing(tmp_path, node, inbox_mib=50, least_free_mib=0) as (_, pusher):
        assert await reached(pusher) == pending(pusher) == 256
        again = await pusher.add_entries("catalogue", 256, SIZE)
        assert (again.status, (await again.json())["code"]) == (503, "push.room")


@pytest.mark.usefixtures("_in_kib")
async def test_a_unit_has_one_share_for_all_its_logs(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument("A-1") for _ in range(SIZE)))
    node.publish(*(service("S-1") for _ in range(SIZE)), log="usage")
    async with pushing(tmp_path, node, inbox_mib=100) as (_, pusher):
        assert [await reached(pusher, log) for log in ("catalogue", "usage")] == [512, 256]


@pytest.mark.usefixtures("_in_kib")
async def test_all_units_have_one_room_together(tmp_path: Path) -> None:
    node, other = FakeNode(tmp_path / "u1"), FakeNode(tmp_path / "u2", number=2)
    for each in (node, other):
        each.publish(*(instrument("A-1") for _ in range(SIZE)))
    async with pushing(tmp_path, node, inboxes_mib=110) as (province, first):
        enrol_pushing(province.hub, other.read("root", "root/1"), other.fingerprint)
        await publish_owed(province.hub, lambda: NOW)
        second = Pusher(other, province.hub, first.session, NOW)
        assert [await reached(first), await reached(second)] == [512, 256]
        # What is taken in makes room again.
        await first.add_entries("catalogue", 512, SIZE)
        assert (await second.add_entries("catalogue", 256, SIZE)).status == 202
        assert len(await second.missing("catalogue")) == 2 * SIZE
