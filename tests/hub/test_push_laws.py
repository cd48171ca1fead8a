"""However a log is pushed, in whatever pieces and order, the hub comes to what a visit comes to."""

import random
from pathlib import Path

import pytest

from fenhe_protocol.limits import BLOCK
from tests.hub.fake_node import FakeNode, deletion, instrument, service
from tests.hub.houses import enrolled, new_hub
from tests.hub.provinces import Province
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher, info_of

LOGS = ("catalogue", "usage")


def publish_something(node: FakeNode, chance: random.Random, turn: int) -> None:
    """Records, corrections, refusals, deletions, erasures and heartbeats, as chance has it."""
    many = chance.choice([1, 5, 270])
    node.publish(*(instrument(f"A-{chance.randrange(400)}") for _ in range(many)))
    if chance.random() < 0.5:
        node.publish(instrument(f"W-{turn}", status="no such status"))
    if chance.random() < 0.3:
        node.publish(deletion(f"A-{chance.randrange(400)}"))
    if chance.random() < 0.3:
        start = chance.randrange(node.size("catalogue"))
        node.erase(start, start + 1)
    if chance.random() < 0.3:
        node.beat()
    node.publish(*(service(f"S-{turn}-{n}") for n in range(chance.choice([1, 300]))), log="usage")


async def push_something(pusher: Pusher, chance: random.Random) -> None:
    """One step of a push, whichever; it may be refused, and then nothing has changed."""
    log = chance.choice(LOGS)
    match chance.randrange(3):
        case 0:
            await pusher.add_checkpoint(log)
        case 1:
            await push_entries(pusher, log, chance)
        case 2:
            for index, tier in chance.sample(missing := await pusher.missing(log), len(missing))[
                :3
            ]:
                lines = pusher.lines(log, tier, index // BLOCK, [index])
                if lines:
                    await pusher.put_bodies(log, tier, index // BLOCK, lines)


async def push_entries(pusher: Pusher, log: str, chance: random.Random) -> None:
    """Upload a part of what is due, or something that is not."""
    end = pusher.known.get(log, 0)
    answer = await pusher.add_entries(log, end, end)
    if answer.status in (202, 409):
        info = info_of(await answer.read())
        start = max(0, info.next_entry - chance.choice([0, 0, 3, 300]))
        packages = pusher.packages(log, start, max(start, info.size))
        await pusher.add_entries(log, start, info.size, packages[: chance.randrange(1, 3)])


async def pulled(tmp_path: Path, node: FakeNode) -> list[bytes]:
    """The index of a hub that visits the node."""
    province = Province(new_hub(tmp_path / "pulled"), [node], NOW)
    async with node.serving():
        await enrolled(province.hub, node)
        node.clock = lambda: NOW
        await province.sync(seconds=0)
    return province.dump()


def comparable(dump: list[bytes]) -> list[bytes]:
    """Without what each hub said itself, and when it cosigned which head."""
    own = (b'"table":"said"', b'"table":"fed"', b'"table":"unit"', b'"table":"head"')
    return [row for row in dump if not any(each in row for each in own)]


@pytest.mark.parametrize("seed", range(4))
async def test_pushed_in_pieces_or_visited_it_is_the_same_index(tmp_path: Path, seed: int) -> None:
    chance, node = random.Random(seed), FakeNode(tmp_path / "u1")
    async with pushing(tmp_path, node) as (province, pusher):
        for turn in range(5):
            publish_something(node, chance, turn)
            for _ in range(chance.randrange(8)):
                await push_something(pusher, chance)
        for log in LOGS:
            assert await pusher.push(log)
    assert comparable(province.dump()) == comparable(await pulled(tmp_path, node))
