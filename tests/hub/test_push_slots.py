"""Room for pushed bodies: who is slow, or sends much, takes none from the others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.push.slots import Share, Slots
from fenhe_hub.visiting.workshop import publish_owed
from fenhe_protocol.errors import RequestError
from fenhe_protocol.upload import UPLOAD_TYPE
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import new_hub, served
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher


async def entered(slots: Slots, unit: str, size: int) -> bool:
    """Whether there is room at once."""
    try:
        async with slots.held(unit, size):
            return True
    except RequestError as error:
        assert (error.code, error.status) == ("push.busy", 503)
        return False


@pytest.mark.parametrize(
    ("unit", "size", "is_free"),
    [
        ("a", 1, False),  # two requests are under way
        ("b", 40, True),
        ("b", 41, False),  # beyond its own share
        ("c", 30, True),
        ("d", 100, False),
    ],
)
async def test_each_unit_has_its_share_and_all_have_theirs(
    unit: str, size: int, is_free: bool
) -> None:
    slots = Slots(Share(requests=2, bytes=40, all_bytes=100, patience=0.01))
    async with slots.held("a", 20), slots.held("a", 20), slots.held("b", 0):
        assert await entered(slots, unit, size) is is_free
    assert await entered(slots, unit, min(size, 40))


async def test_who_waits_comes_in_when_another_goes() -> None:
    slots = Slots(Share(requests=1, patience=5))
    waiting = []
    async with slots.held("a", 1):
        waiting = [asyncio.create_task(entered(slots, "a", 1)) for _ in range(5)]
        await asyncio.sleep(0)
    assert all(await asyncio.gather(*waiting))


async def test_who_is_cut_off_while_waiting_holds_nothing() -> None:
    slots = Slots(Share(requests=1, patience=5))
    async with slots.held("a", 1):
        task = asyncio.create_task(entered(slots, "a", 1))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await entered(slots, "a", 1)


async def test_a_unit_that_sends_slowly_and_often_holds_up_no_other(tmp_path: Path) -> None:
    slow, quick = FakeNode(tmp_path / "u1"), FakeNode(tmp_path / "u2", number=2)
    for node in (slow, quick):
        node.publish(instrument("A-1"))
    async with pushing(tmp_path, slow) as (province, pusher):
        enrol_pushing(province.hub, quick.read("root", "root/1"), quick.fingerprint)
        await publish_owed(province.hub, lambda: NOW)
        await pusher.add_checkpoint()
        await pusher.add_entries("catalogue", 0, 1)
        ended = asyncio.Event()

        async def trickle() -> AsyncIterator[bytes]:
            yield b"0 "
            await ended.wait()

        path = f"{pusher.inbox('catalogue')}/body/pub/000"
        begun = [
            asyncio.create_task(
                pusher.session.put(
                    f"{pusher.url}/{path}",
                    data=trickle(),
                    headers=pusher.headers("PUT", path, b"%d" % number),
                )
            )
            for number in range(40)
        ]
        await asyncio.sleep(0.1)
        other = Pusher(quick, province.hub, pusher.session, NOW)
        assert await other.push("catalogue")
        ended.set()
        assert {(await answer).status for answer in begun} == {401}


async def test_strangers_that_upload_slowly_hold_up_no_unit(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(instrument("A-1"))
    hub = new_hub(tmp_path / "hub")
    enrol_pushing(hub, node.read("root", "root/1"), node.fingerprint)
    await publish_owed(hub, lambda: NOW)
    async with served(hub, NOW) as visitor:
        visitor.serving.reception.uploads = Slots(Share(requests=2, patience=0.1))
        pusher = Pusher(node, hub, visitor.session, NOW)
        await pusher.add_checkpoint()
        content, ended = pusher.upload("catalogue", 0, 1), asyncio.Event()

        async def trickle() -> AsyncIterator[bytes]:
            yield content[:50]
            await ended.wait()

        url, kind = f"{pusher.url}/add-entries", {"Content-Type": UPLOAD_TYPE}
        begun = [
            asyncio.create_task(pusher.session.post(url, data=trickle(), headers=kind))
            for _ in range(4)
        ]
        done, _ = await asyncio.wait(begun, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        assert {(await answer).status for answer in done} == {503}
        assert await pusher.push("catalogue")
        ended.set()
        assert sorted([(await answer).status for answer in begun]) == [400, 400, 503, 503]
