"""A hub without its registry lets nobody be reached inside who was not there before."""

from pathlib import Path

import pytest

from fenhe_client.fetching.fetch import Web
from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.restoring.from_others import _take_up_units
from fenhe_hub.restoring.inner_addresses import is_inside
from tests.hub.fake_node import FakeNode
from tests.hub.provinces import founded


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("https://93.184.216.34/fenhe", False),
        ("https://[2606:2800:220:1::1]/fenhe", False),
        ("https://10.1.2.3/fenhe", True),
        ("http://93.184.216.34/fenhe", True),  # plain http needs it too
        ("https://93.184.216.34:8640/fenhe", True),  # and another port
        ("https://localhost/fenhe", True),
    ],
)
async def test_an_address_that_needed_the_permission_had_it(url: str, inside: bool) -> None:
    assert await is_inside(url) is inside


async def test_a_unit_with_a_public_address_comes_back_without_the_permission(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        far = FakeNode(tmp_path / "far", number=7)
        far.url = "https://93.184.216.34"
        far.rename(far.origin)
        enrol_pushing(province.hub, far.read("root", "root/1"), far.fingerprint)
        await province.sync_and_say()
        province.hub.home.registry_file.unlink()
        async with Web() as web:
            await _take_up_units(province.hub, web, "")
        found = {
            each.origin: each.allow_private for each in Registry(province.hub.home.registry_file)
        }
    assert found == {"u1.example/fenhe": True, "u7.example/fenhe": False}
