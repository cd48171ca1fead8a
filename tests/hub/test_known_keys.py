"""Keys that everybody has sign for nobody."""

from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.mirror.roots import current_root
from fenhe_hub.registry.enrolled import Registry
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey, check_ed25519
from fenhe_protocol.published_keys import PUBLISHED
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import new_hub
from tests.hub.provinces import founded


@pytest.mark.parametrize("purpose", ["log_key", "root_key", "request_key"])
async def test_a_unit_with_a_published_key_is_not_enrolled(tmp_path: Path, purpose: str) -> None:
    hub, node = new_hub(tmp_path / "hub"), FakeNode(tmp_path / "u1")
    setattr(node, purpose, SigningKey.from_seed(bytes(range(32))))
    node.rename(node.origin)
    async with node.serving():
        with pytest.raises(Refused, match=r"key\.published"):
            await enrol_unit(hub, node.url, node.fingerprint, allow_private=True)
    assert node.origin not in {each.origin for each in Registry(hub.home.registry_file)}


async def test_a_unit_that_goes_on_to_a_published_key_is_not_followed(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        await province.sync()
        node.request_key = SigningKey.from_seed(bytes(range(32)))
        node.change_key()
        await province.sync(seconds=86_400)
        held = current_root(province.hub.home, node.origin, node.fingerprint)
        assert held.n == 1
        assert node.request_key.public not in held.request


def test_the_worked_example_is_among_them() -> None:
    seeds = [bytes(range(start, start + 32)) for start in (0, 32, 64, 96)]
    assert {SigningKey.from_seed(seed).public for seed in seeds} <= PUBLISHED
    assert all(check_ed25519(public) == public for public in PUBLISHED)
