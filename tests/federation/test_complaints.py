"""What users of such systems complain of most, each turned into a promise that is kept here.

The numbers are those of the list of complaints that the project answers from day one: 3 a dead node
is not noticed, 5 an error is swallowed, 10 a lost key needs a shared secret to be made up for, 12 a
failed publish destroys the one before, 13 a clock that runs wrong loses records. More of 5 and 12
is in `test_full_disk`, of 10 in `test_key_rotation`; 8, 9, 14 and 15 in `test_complaints_of_units`.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.operations.check import run_check
from fenhe_node.publishing.heads import verify_head
from fenhe_protocol.errors import StoreError
from fenhe_protocol.keys import SigningKey
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


# 10: a lost key is replaced by the unit itself: nobody hands out a secret, and nobody keeps one.


async def test_a_unit_that_lost_its_key_takes_another_and_the_hub_knows_no_secret_of_it(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        await province.sync()
        node.change_key()
        node.publish(instrument("A-2"))
        (catalogue, *_) = await province.sync(seconds=DAY)
        assert (catalogue.size, catalogue.cosigned, catalogue.code) == (2, 2, "")
        assert [row["id"] for row in province.rows("resource")] == ["A-1", "A-2"]
        kept = [file for file in province.hub.home.path.rglob("*") if file.is_file()]
    seeds = (bytes([node.number, 99]) * 16, bytes([node.number + 100]) * 32)  # log and root
    assert SigningKey.from_seed(seeds[0]).public == node.log_key.public
    secrets = [form for seed in seeds for form in (seed, seed.hex().encode())]
    assert kept and not [file for file in kept if any(s in file.read_bytes() for s in secrets)]


# 12: a publish that fails half-way leaves the one before as it was, and the next one completes.


def test_a_publish_that_fails_half_way_leaves_the_one_before_whole(tmp_path: Path) -> None:
    node, clock = homes.new_node(tmp_path / "node"), homes.Clock()
    homes.put(node, [homes.instrument("A-1")])
    homes.publish_all(node, clock)
    before = verify_head(node.home, node.root, "catalogue")
    in_the_way = node.home.public / "catalogue" / "tile/entries/000.p" / f"{before.size + 1}"
    in_the_way.mkdir()
    homes.put(node, [homes.instrument("A-2")])
    with pytest.raises(StoreError):
        homes.publish_all(node, clock)
    assert verify_head(node.home, node.root, "catalogue") == before
    told = homes.bodies(node, "catalogue", "pub", before.size)
    assert "A-1" in [body["id"] for body in told]
    in_the_way.rmdir()
    homes.publish_all(node, clock)
    after = verify_head(node.home, node.root, "catalogue")
    assert after.size == before.size + 1
