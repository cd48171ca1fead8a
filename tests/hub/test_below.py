"""A hub above another: what it reads there, what it says of it, and what it refuses."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.rebuild import rebuild
from tests.hub.fake_node import instrument, service
from tests.hub.levels import Federation, federation


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def test_a_unit_of_a_lower_hub_is_mirrored_by_the_upper_one(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    node.publish(service("S-1"), log="usage")
    await county.sync()
    await made.enrol(province, county)
    asked = len(node.asked)
    await province.sync()
    assert len(node.asked) == asked  # its node is never asked
    assert province.records() == {(node.origin, "A-1")}
    assert await province.found() == {(node.uscc, "A-1")}
    assert province.said("reg")[county.hub.origin]["depth"] == 1
    told = province.said("reg")[node.origin]
    assert (told["depth"], told["root1"]) == (0, node.fingerprint)
    for log in ("catalogue", "usage"):
        assert b"province.example" in province.said("adv")[f"{node.origin}/{log}"]["note"].encode()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before
