"""A gateway is killed anywhere between taking and noting: nothing lost, nothing counted twice."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import settings

from fenhe_hub.upstream.outbox import ItemState
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.forked import Forked
from tests.hub import forward_until_killed
from tests.hub.forward_until_killed import NEVER
from tests.hub.gateway_house import House, open_house
from tests.hub.houses import served

pytestmark = pytest.mark.no_cover

KILLED = -signal.SIGKILL
SERVICE = 6
# The outbox is brought in step (1, 2), the item is marked (3, 4), the answer noted (5, 6).
INSTANTS = (
    *("store 1", "store 2", "save 2", "compose_taken 2", "outbox 1", "outbox 3", "outbox 4"),
    *("send 1", "send 3", "send 4", "send 5", "send 6", "getresponse 3", "getresponse 4"),
    *("outbox 5", "outbox 6"),
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def forward(house: House, instant: str = NEVER) -> int:
    """Let a gateway of its own process take and send, as far as it lives; how it ended."""
    now = house.province.now
    async with served(house.province.hub, now):
        gateway = Forked(forward_until_killed.main, house.gateway.path, now, instant)
        return await asyncio.to_thread(gateway.wait)


def states(house: House) -> dict[str, ItemState]:
    """Of each service, as the killed gateway left them."""
    with house.desk() as desk:
        return {item.candidate.record_id: item.state for item in desk.outbox.items()}


def calls(house: House) -> Counter[tuple[str, str]]:
    """How often the platform was given each service with each amount."""
    said = [json.loads(c.instru_list) for c in house.ledger.calls if c.instru_type == SERVICE]
    return Counter((each["recordInnerId"], each["amounts"]) for each in said)


@pytest.mark.hypothesis  # as often as the profile asks
async def test_killed_anywhere_it_loses_nothing_and_repeats_only_what_was_not_noted(
    house: House,
) -> None:
    last: dict[str, str] = {}
    marked = Counter[tuple[str, str]]()
    passes = max(1, settings().max_examples // 100)
    for turn, instant in enumerate((*INSTANTS * passes, NEVER), start=1):
        # One that is new; or what may be on its way is corrected, and only its last is to stay.
        for id, yuan in [(f"S-{turn}", 1)] if turn % 3 else [("S-1", turn)]:
            house.serve_users(house.sealed(id, amount_fen=yuan * 100))
            last[id] = str(yuan)
        await house.province.sync()
        assert await forward(house, instant) == (KILLED if instant else 0)
        for id, state in states(house).items():
            marked[id, last[id]] += state is ItemState.SENDING
    print(f"kills at the gateway: {turn - 1}")
    arrived = {each["recordInnerId"]: each["amounts"] for each in house.arrived()}
    assert arrived == last and len(house.arrived()) == len(last)
    assert set(states(house).values()) == {ItemState.DONE}
    repeated = Counter({call: count - 1 for call, count in calls(house).items()})
    assert +repeated <= marked  # nothing that was noted, and no more often than it was not
    assert repeated["S-1", "15"] == 1  # answered, and killed before that was noted


async def test_what_was_on_its_way_when_it_was_erased_is_to_be_withdrawn(house: House) -> None:
    house.serve_users(house.sealed("S-1"))
    await house.province.sync()
    assert await forward(house, "outbox 5") == KILLED
    house.node.append([plain_entry(EraseLeaf(((0, 1),), None, "law"))], log="usage")
    await house.province.sync()
    assert await forward(house) == 0
    assert states(house) == {"S-1": ItemState.GONE}
    assert len(house.arrived()) == 1
