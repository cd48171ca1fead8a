"""Who is enrolled here must fit who comes by hubs beneath: name, code, fingerprint (feed §1)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import Refused
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import enrolled
from tests.hub.levels import Federation, federation, two_levels


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def test_a_code_that_publishes_by_a_hub_beneath_is_not_enrolled_again(
    made: Federation,
) -> None:
    _, province, node = await two_levels(made)
    other = FakeNode(made.folder / "other", 50)
    other.uscc = node.uscc
    other.rename("elsewhere.example/fenhe")
    async with other.serving():
        with pytest.raises(Refused, match=r"enrol\.unit") as refused:
            await enrolled(province.hub, other)
        assert refused.value.found == node.origin
        await province.register(node.origin, "moved")  # it publishes elsewhere now
        await enrolled(province.hub, other)
        with pytest.raises(Refused, match=r"enrol\.unit"):
            await province.register(node.origin, "enrolled")


async def test_a_name_that_lies_inside_one_from_beneath_is_not_enrolled(
    made: Federation,
) -> None:
    _, province, node = await two_levels(made)
    other = FakeNode(made.folder / "other", 50)
    other.rename(f"{node.origin}/lab")
    async with other.serving():
        with pytest.raises(Refused, match=r"enrol\.origin"):
            await enrolled(province.hub, other)


async def test_a_name_from_beneath_is_not_enrolled_under_another_fingerprint(
    made: Federation,
) -> None:
    _, province, node = await two_levels(made)
    impostor = FakeNode(made.folder / "impostor", 50)
    impostor.rename(node.origin)
    async with impostor.serving():
        with pytest.raises(Refused, match=r"enrol\.again") as refused:
            await enrolled(province.hub, impostor)
    assert refused.value.expected == node.fingerprint
    assert Registry(province.hub.home.registry_file).get(node.origin) is None


async def test_a_unit_from_beneath_is_enrolled_besides_and_comes_on_both_ways(
    made: Federation,
) -> None:
    _, province, node = await two_levels(made)
    await enrolled(province.hub, node)
    node.publish(instrument("A-2"))
    await province.sync()
    assert province.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
    assert "via" not in province.said("reg")[node.origin].get("ext", {})


async def test_who_runs_a_hub_may_have_a_node_that_is_resumed(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = FakeNode(made.folder / "own", 50)
    node.uscc = county.hub.uscc
    node.rename("own.example/fenhe")
    await made.enrol(province, county)
    async with node.serving():
        await enrolled(province.hub, node)
        await province.register(node.origin, "suspended")
        await province.register(node.origin, "enrolled")
    assert province.said("reg")[node.origin]["state"] == "enrolled"
