"""What the last visit came to is told to its unit alone, with the place (feed §6.3)."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.visits import Visit, Visits
from fenhe_hub.fed.refusals import rejected
from fenhe_hub.index.tables import open_index
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import START, FakeNode, instrument
from tests.hub.houses import new_hub, served
from tests.hub.provinces import Province, founded


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as province:
        yield province


async def told(province: Province, node: FakeNode, log: str = "catalogue") -> Any:
    path = f"in/{origin_hash(node.origin)}/{log}/rejected"
    async with served(province.hub, province.now) as visitor:
        return json.loads(await (await visitor.get(path, node.request_key)).text())["visit"]


async def test_a_unit_is_told_where_it_was_refused(province: Province) -> None:
    (node,) = province.nodes
    node.publish(instrument("A-1"))
    await province.sync()
    good = await told(province, node)
    assert (good["outcome"], good["code"], good["seen_at"]) == ("grown", "", good["at"])
    node.publish(instrument("A-2"))
    node.flip_byte("catalogue", "tile/entries/000.p/2", -20)
    await province.sync()
    bad = await told(province, node)
    assert (bad["outcome"], bad["code"]) == ("refuse", "log.root-differs")
    assert bad["place"].startswith(f"{node.origin}/catalogue")
    assert (bad["seen_at"], bad["at"] > good["at"]) == (good["at"], True)
    assert (await told(province, node, "usage"))["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("code", "place"), [("store.write", ""), ("fetch.connect", "https://u1.example/fenhe")]
)
def test_of_our_own_fault_only_the_code_is_told(tmp_path: Path, code: str, place: str) -> None:
    hub = new_hub(tmp_path / "hub")
    open_index(hub.home.index).close()
    origin = "u1.example/fenhe/catalogue"
    assert rejected(hub.home, origin)["visit"] is None
    visits = Visits(hub.home.visits)
    where = "https://u1.example/fenhe" if code == "fetch.connect" else "/srv/hub/mirror"
    visits.put(Visit(origin, START, Outcome.DEFER, code, where))
    visits.close()
    visit = rejected(hub.home, origin)["visit"]
    assert (visit["code"], visit["place"], visit["seen_at"]) == (code, place, None)
