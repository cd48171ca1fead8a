"""The power goes out after any write of a gateway: nothing is lost, and repeated only what was due.

The platform has then whatever it had answered by then.
"""

import shutil
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import settings

from deploy.nrii_receiver.ledger import Ledger
from fenhe_hub.gateway.home import open_gateway
from fenhe_hub.gateway.store import Store
from fenhe_hub.upstream.outbox import ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.hub.gateway_house import House, open_house
from tests.hub.test_gateway_killed import calls, states
from tests.recorded_home import Recording, recorded

pytestmark = pytest.mark.no_cover

KEPT = ("keys", "public", "config.yaml", "head.sqlite", "gateway.lock")
Whole = tuple[dict[str, ItemState], dict[str, str]]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as house:
        yield house


@pytest.mark.hypothesis
async def test_after_a_cut_anywhere_nothing_is_lost_and_only_what_was_due_is_repeated(
    house: House, tmp_path: Path
) -> None:
    house.serve_users(*(house.sealed(f"S-{n}", amount_fen=100) for n in (1, 2, 3)))
    await house.round()
    house.serve_users(house.sealed("S-1", amount_fen=700), house.sealed("S-4", amount_fen=400))
    house.node.append([plain_entry(EraseLeaf(((1, 2),), None, "law"))], log="usage")
    await house.province.sync()
    home, copy = house.gateway.path, tmp_path / "copy"
    shutil.copytree(home, copy)
    databases = ("store.sqlite", "outbox.sqlite")
    recording = Recording(home, databases, lambda: deepcopy(house.ledger))
    with recorded(recording, *((each, "transaction") for each in (Store, OutboxStore)), TAKEN):
        await house.take()
        await house.send()
    every = settings().max_examples > 1000  # as `make kills` asks; else every fourth
    whole, digests = (states(house), shown(house)), set[str]()
    for count in range(len(recording.steps) + 1):
        into = tmp_path / f"cut-{count}"
        digest = recording.cut(count, copy, into, KEPT)
        if digest not in digests and (every or count % 4 == 1):
            digests.add(digest)
            house.gateway = open_gateway(into)
            await check_that_it_goes_on(house, recording.held[count].beside, whole)
        shutil.rmtree(into)
    print(f"cuts at the gateway: {len(digests)}")
    assert len(digests) > 8, len(recording.steps)


TAKEN = (Ledger, "take")


def shown(house: House) -> dict[str, str]:
    """What the platform holds of each service."""
    return {each["recordInnerId"]: each["amounts"] for each in house.arrived()}


async def check_that_it_goes_on(house: House, ledger: Ledger, whole: Whole) -> None:
    """Take and send once more, at a platform that knows what it knew when the power went."""
    house.ledger.records, house.ledger.calls = dict(ledger.records), list(ledger.calls)
    due = {id for id, state in states(house).items() if state is ItemState.SENDING}
    await house.take()
    await house.send()
    assert (states(house), shown(house)) == whole
    assert {id for (id, _), count in calls(house).items() if count > 1} <= due
