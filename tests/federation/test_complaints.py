"""What users of such systems complain of most, each turned into a promise that is kept here.

The numbers are those of the list of complaints that the project answers from day one: 3 a dead node
is not noticed, 5 an error is swallowed, 12 a failed publish destroys the one before, 13 a clock
that runs wrong loses records.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.operations.check import run_check
from tests.hub.fake_node import instrument
from tests.hub.houses import served
from tests.hub.provinces import founded
from tests.laws import examples
from tests.node import homes

DAY = 86_400


# 13: sequence numbers, not dates, are the cursor.

JUMPS = st.integers(min_value=-20 * 365 * DAY, max_value=20 * 365 * DAY)
STEPS = st.lists(
    st.tuples(JUMPS, st.lists(st.integers(0, 5), min_size=1, max_size=3)), min_size=1, max_size=5
)


@given(steps=STEPS)
@examples(15)
def test_a_clock_that_jumps_between_publishes_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, list[int]]]
) -> None:
    node = homes.new_node(tmp_path_factory.mktemp("clock") / "node")
    clock, wanted = homes.Clock(), dict[str, str]()
    for turn, (jump, numbers) in enumerate(steps):
        clock.at = homes.NOW + jump
        new = {f"A-{number}": f"第 {turn} 次" for number in numbers}
        records = [homes.instrument(id_, service_content=text) for id_, text in new.items()]
        homes.put(node, records, at=clock.at)
        homes.publish_all(node, clock)
        wanted |= new
        checkpoint = (node.home.public / "catalogue/checkpoint").read_bytes()
        size = int(checkpoint.split(b"\n")[1])
        bodies = homes.bodies(node, "catalogue", "pub", size)
        told = {body["id"]: body["service_content"] for body in bodies if "service_content" in body}
        assert told == wanted
    # A clock set back is no reason to wait for years.
    assert all(seconds <= 10 for seconds in clock.waited)


async def test_a_hub_whose_clock_was_set_back_loses_nothing(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        await province.sync()
        node.publish(instrument("A-2"))
        (catalogue, *_) = await province.sync(seconds=-DAY)
        # A receipt from before the last one would be the hub's fault: it gives none.
        assert (catalogue.size, catalogue.cosigned, catalogue.code) == (2, 1, "cosign.clock")
        assert [row["id"] for row in province.rows("resource")] == ["A-1", "A-2"]
        (catalogue, *_) = await province.sync(seconds=DAY + 60)
        assert (catalogue.cosigned, catalogue.code) == (2, "")


# 3: a node that died is stale, with its age, and what it last said stays.


async def test_a_dead_node_is_shown_as_stale_with_its_age(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"), instrument("A-2"))
        await province.sync()
        heard = province.now
        alive = await _shown(province.hub, heard + 60)
    # Its server is gone with the block. The hub goes on looking, so that no outage of its own
    # excuses the silence.
    for hours in range(1, 27):
        province.now = heard + hours * 3600
        (catalogue, *_) = await province.sync(seconds=0)
        assert (catalogue.outcome, catalogue.code, catalogue.size) == ("defer", "fetch.connect", 2)
    dead = await _shown(province.hub, province.now)
    assert (alive["source"]["state"], dead["source"]["state"]) == ("ok", "stale")
    assert dead["source"]["heard_at"] == alive["source"]["heard_at"]
    assert dead["total"] == alive["total"] == 2
    findings = run_check(province.hub, province.now).counts["D12"]
    assert findings["overdue"] == 1


async def _shown(hub: Any, now: int) -> dict[str, Any]:
    async with served(hub, now) as visitor:
        units = await (await visitor.get("api/v1/units")).json()
        found = await (await visitor.get("api/v1/resources")).json()
        page = await (await visitor.get("")).text()
    (unit,) = units["items"]
    assert page
    return {"source": unit["source"], "total": found["total"]}
