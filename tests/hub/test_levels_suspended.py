"""A suspended unit disappears on all ways at all levels of hubs, and comes back (feed §10)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.hub.fake_node import FakeNode
from tests.hub.levels import Federation, Level, federation
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED
from tests.hub.ways_out import Reader, ways_out


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


def publish(node: FakeNode, id_: str) -> None:
    """An instrument that the national platform wants."""
    envelope = {"kind": "instrument", "id": id_}
    node.publish({"pub": {**PUBLIC, **envelope}, "hub": {**SUPERVISED, **envelope}})


async def diamond(made: Federation) -> list[Level]:
    """The nation reads the county itself, and through the province."""
    county, province, nation = [await made.hub(name) for name in ("county", "province", "nation")]
    for number in (1, 2):
        publish(await made.node(county), f"A-{number}")
    await county.sync()
    for upper, lower in ((province, county), (nation, county), (nation, province)):
        await made.enrol(upper, lower)
        await upper.sync()
    return [county, province, nation]


async def test_a_suspended_unit_is_met_on_no_way_at_any_hub_that_hears_of_it(
    made: Federation,
) -> None:
    levels = await diamond(made)
    county, province, _ = levels
    unit, other = made.nodes
    readers = [Reader(level, made.folder / f"reader{n}") for n, level in enumerate(levels)]

    async def met(number: int, id_: str) -> bool:
        """Whether the unit's record is met at a hub: on all ways or on none."""
        ways = await ways_out(levels[number], unit, readers[number], id_)
        assert len({*ways.values()}) == 1, ways
        assert (other.uscc, "A-2") in await levels[number].found()
        return all(ways.values())

    assert [await met(number, "A-1") for number in range(3)] == [True] * 3
    await county.register(unit.origin, "suspended")
    await made.settle()
    assert [await met(number, "A-1") for number in range(3)] == [False] * 3

    # The county takes it back; what the province says holds there and above.
    await province.register(unit.origin, "suspended")
    publish(unit, "A-3")
    await county.register(unit.origin, "enrolled")
    await made.settle()
    assert [await met(number, "A-3") for number in range(3)] == [True, False, False]
    await province.register(unit.origin, "enrolled")
    await made.settle()
    assert [await met(number, "A-3") for number in range(3)] == [True] * 3
    assert all((unit.origin, "A-1") in reader.kept for reader in readers)
