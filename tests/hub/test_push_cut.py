"""The writes of a push are cut off after each: what was not flushed is lost, the push goes on."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import publish_owed
from tests.client.power_cut import Medium, QuickDisk, Step
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.houses import new_hub, reopened, served
from tests.hub.provinces import Province
from tests.hub.push_house import NOW
from tests.hub.pusher import Pusher
from tests.hub.test_sync_cut import TREES, Heads, WitnessingDisk, as_steps, cut_home, heads_in
from tests.hub.test_sync_killed import assert_one_history, head_of, shown

pytestmark = pytest.mark.no_cover

CUTS = 24


def publish_much(node: FakeNode, turn: int) -> None:
    node.publish(
        *(instrument(f"A-{turn}-{n}") for n in range(150)),
        instrument(f"W-{turn}", status="no such status"),
        instrument("A-1-0", model="corrected"),
        deletion("A-1-1"),
    )
    node.publish(*(service(f"S-{turn}-{n}") for n in range(3)), log="usage")


@dataclass(frozen=True)
class Receipt:
    """The lines that answered a push, and how many writes had been done by then."""

    log: str
    lines: bytes
    writes: int


async def push_all(
    hub: Hub, node: FakeNode, disk: Disk, steps: Sequence[Step] = ()
) -> list[Receipt]:
    """Push both logs to their receipts, as a node does that knows nothing of former pushes."""
    receipts = []
    async with served(hub, NOW, disk) as visitor:
        pusher = Pusher(node, hub, visitor.session, NOW)
        for log in ("catalogue", "usage"):
            lines = await pusher.push(log)
            assert lines
            receipts.append(Receipt(f"{node.origin}/{log}", lines, len(steps)))
    return receipts


Recorded = tuple[list[Step], list[Heads], list[Receipt]]


async def recorded(hub: Hub, node: FakeNode, copy: Path) -> Recorded:
    """One push in peace, then one that is recorded, with an erasure."""
    publish_much(node, 1)
    await push_all(hub, node, QuickDisk())
    publish_much(node, 2)
    node.erase(4, 5)
    shutil.copytree(hub.home.path, copy)
    steps: list[Step] = []
    heads: list[Heads] = []
    receipts = await push_all(hub, node, WitnessingDisk(steps, heads, hub.home.path), steps)
    return steps, [*heads, heads_in(hub.home.path)], receipts


async def test_after_a_cut_anywhere_the_push_goes_on(tmp_path: Path) -> None:
    hub, node = new_hub(tmp_path / "hub"), FakeNode(tmp_path / "u1")
    enrol_pushing(hub, node.read("root", "root/1"), node.fingerprint)
    await publish_owed(hub, lambda: NOW)
    home, copy = hub.home.path, tmp_path / "copy"
    steps, heads, receipts = await recorded(hub, node, copy)
    whole = Province(hub, [node], NOW)
    before, digests = as_steps(home, copy, (*TREES, "inbox")), set[str]()
    cuts = {*range(0, len(steps) + 1, max(1, len(steps) // CUTS))}
    for count in sorted(cuts | {each.writes for each in receipts}):
        into = tmp_path / f"cut-{count}"
        medium = Medium(home, [*before, *steps[:count]])
        digests.add(cut_home(copy, into, medium, heads[count], lambda: False))
        assert_kept(reopened(hub, into), [each for each in receipts if each.writes <= count])
        if count % 2:
            shutil.copy2(copy / "index.sqlite", into / "index.sqlite")
        await check_that_it_goes_on(Province(reopened(hub, into), [node], NOW), whole)
        shutil.rmtree(into)
    assert len(digests) > 10, (len(digests), len(steps))


def assert_kept(hub: Hub, receipts: Sequence[Receipt]) -> None:
    """What was handed out stands in a note that survived."""
    for each in receipts:
        notes = MirrorLog(hub.home, each.log).notes
        assert any(each.lines in file.read_bytes() for file in notes.iterdir()), each


async def check_that_it_goes_on(after: Province, whole: Province) -> None:
    """Push once more to what is left."""
    (node,) = after.nodes
    await publish_owed(after.hub, lambda: NOW)
    seen = shown(after)
    await push_all(after.hub, node, QuickDisk())
    assert_one_history(after, seen | shown(after))
    for name in ("catalogue", "usage"):
        log = MirrorLog(after.hub.home, f"{node.origin}/{name}")
        assert log.head() == head_of(node.read(name, CHECKPOINT))
    assert after.rows("resource") == whole.rows("resource")
    dump = after.dump()
    rebuild(after.hub)
    assert after.dump() == dump
