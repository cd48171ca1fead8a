"""Three levels of hubs: one state for each unit, whichever way it came (feed §10)."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.errors import Refused
from tests.hub.fake_node import instrument
from tests.hub.levels import Federation, Level, federation


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def three_levels(made: Federation) -> tuple[Level, Level, Level, Level]:
    """Two counties under a province under the nation, with 20 nodes; two come on two ways."""
    north, south = await made.hub("north"), await made.hub("south")
    province, nation = await made.hub("province"), await made.hub("nation")
    for number in range(20):
        hubs = {0: (north, south), 1: (north, province), 19: (nation,)}
        node = await made.node(*hubs.get(number, ((north, south, province)[number % 3],)))
        node.publish(instrument(f"A-{number}"))
    await north.sync()
    await south.sync()
    for upper, lower in ((province, north), (province, south), (nation, province)):
        await made.enrol(upper, lower)
        await upper.sync()
    return north, south, province, nation


async def test_twenty_nodes_come_up_through_three_levels_of_hubs(made: Federation) -> None:
    north, _, province, nation = await three_levels(made)
    everyone = {(node.origin, f"A-{n}") for n, node in enumerate(made.nodes)}
    assert nation.records() == everyone
    assert province.records() == everyone - {(made.nodes[19].origin, "A-19")}
    depths = {id_: told["depth"] for id_, told in nation.said("reg").items() if told["depth"]}
    assert depths == {"province.example/fenhe": 2, "north.example/fenhe": 1} | {
        "south.example/fenhe": 1
    }
    shown = await nation.found()
    assert shown == {(node.uscc, f"A-{n}") for n, node in enumerate(made.nodes)}
    for level in (province, nation):
        before = level.dump()
        rebuild(level.hub)
        assert level.dump() == before

    # A suspended unit disappears on all ways.
    twice, unit = made.nodes[0], (made.nodes[0].uscc, "A-0")
    await north.register(twice.origin, "suspended")
    await province.sync()
    await nation.sync()
    for level in (province, nation):
        assert unit not in await level.found()
        assert await level.get(f"/api/v1/resources/{unit[0]}/instrument/A-0") == 404
        assert level.said("reg")[twice.origin]["state"] == "suspended"
        assert len(await level.found()) == len(shown) - 1 - (level is province)

    # It comes back only when nobody says so any more.
    await province.register(twice.origin, "suspended")
    await north.register(twice.origin, "enrolled")
    await province.sync()
    await nation.sync()
    assert unit not in await nation.found()
    await province.register(twice.origin, "enrolled")
    await nation.sync()
    assert unit in await nation.found()
    assert unit in await province.found()


async def test_no_hub_reads_one_that_reads_it_already_at_any_level(made: Federation) -> None:
    low, middle, high = [await made.hub(name) for name in ("low", "middle", "high")]
    await made.enrol(middle, low)
    await middle.sync()
    await made.enrol(high, middle)
    await high.sync()
    for upper, lower in ((low, middle), (middle, high), (low, high)):
        with pytest.raises(Refused, match=r"below\.loop") as refused:
            await made.enrol(upper, lower, trusted=False)
        assert refused.value.found == upper.hub.origin


async def test_a_fourth_level_is_refused(made: Federation) -> None:
    levels = [await made.hub(name) for name in ("a", "b", "c", "d")]
    for lower, upper in pairwise(levels[:3]):
        await made.enrol(upper, lower)
        await upper.sync()
    with pytest.raises(Refused, match=r"below\.depth"):
        await made.enrol(levels[3], levels[2])
