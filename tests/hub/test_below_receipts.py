"""A unit's receipts by the hub that it delivers to count at the hubs above (feed §9; ADR 0014)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fenhe_hub.below.outages import merged, outages_beneath
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.operations.check import run_check
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.rules.facts import Outage
from tests.hub.fake_node import START, FakeNode, instrument
from tests.hub.houses import enrolled
from tests.hub.levels import Federation, Level, federation

DAY = 86_400


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def received(level: Level, node: FakeNode, id_: str) -> str:
    """The day since when a record counts as delivered there."""
    page = await level.get(f"/api/v1/records?unit={node.uscc}&kind=instrument&id={id_}")
    (place,) = page["items"]
    day: str = place["received_at"][:10]
    return day


def check_rebuilt(level: Level) -> None:
    before = level.dump()
    rebuild(level.hub)
    assert level.dump() == before


async def delivered(made: Federation, days: int = 20) -> tuple[Level, Level, FakeNode]:
    """A county has a unit's records since the first day and since `days` later."""
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    await county.sync()
    made.now += days * DAY
    node.publish(instrument("A-2"))
    await county.sync()
    return county, province, node


async def test_the_earliest_proof_counts_whenever_the_hub_above_came(made: Federation) -> None:
    county, province, node = await delivered(made)
    made.now += 20 * DAY
    await made.enrol(province, county)
    await province.sync()
    for level in (county, province):
        assert await received(level, node, "A-1") == "2026-11-23"
        assert await received(level, node, "A-2") == "2026-12-13"
    node.publish(instrument("A-3"))
    await made.settle()
    assert await received(province, node, "A-3") == "2027-01-02"
    check_rebuilt(province)
    own = [row for row in province.rows("head") if row["at"] < START + 39 * DAY]
    assert not own  # what it says of its own mirror begins when it came


async def test_a_record_is_in_time_above_when_it_was_beneath(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(bought("A-1", "2026-10-20"))
    await county.sync()
    made.now += 200 * DAY
    await made.enrol(province, county)
    await province.sync()
    assert submitted(province) == "met"
    province.hub.home.index.unlink()  # known from the files alone
    await province.sync()
    assert submitted(province) == "met"


def submitted(level: Level) -> str:
    """What the rule of timely submission says of the one instrument."""
    run_check(level.hub, level.made.now)
    with closing(open_index(level.hub.home.index)) as db:
        (state,) = db.execute("SELECT state FROM finding WHERE rule = 'D1'").fetchone()
    return str(state)


async def test_days_on_which_the_hub_beneath_was_away_are_added_above(made: Federation) -> None:
    county, province, node = await delivered(made, days=5)  # meanwhile the county said nothing
    await made.enrol(province, county)
    await province.sync()
    (away,) = outages(province, node)
    assert 5 * DAY <= away.end - away.start < 5 * DAY + 3600
    before = Outage(away.start - 60, away.start)
    assert merged([away, before, away]) == (Outage(away.start - 60, away.end),)
    await enrolled(province.hub, node)  # from now on it can deliver here as well
    assert outages(province, node) == ()


async def test_a_deadline_above_waits_for_the_hub_beneath(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    await county.sync()
    made.now += 20 * DAY  # the county is away while the 30 working days end
    node.publish(bought("A-1", "2026-10-20"))
    await county.sync()
    await made.enrol(province, county)
    await province.sync()
    assert submitted(province) == "met"


def bought(id_: str, accepted_on: str) -> dict[str, dict[str, Any]]:
    """A record that has to be submitted in time, and is complete."""
    points = {"model": "NMR-600", "function": "测定结构", "user_notice": "向社会开放"}
    record = instrument(id_, accepted_on=accepted_on, **points)
    return {**record, "hub": {**record["hub"], "funds": ["local"]}}


def outages(level: Level, node: FakeNode) -> tuple[Outage, ...]:
    """What is added to the due times of a unit for the hub by which it comes."""
    with closing(open_index(level.hub.home.index)) as db:
        return outages_beneath(level.hub, db, level.made.now).get(node.origin, ())


async def test_each_announcement_is_looked_at_once(made: Federation) -> None:
    county, province, node = await delivered(made)
    await made.enrol(province, county)
    await province.sync()
    log = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert {note.size for note in kept_notes(log.beneath)} == {1, 2}
    for note in kept_notes(log.beneath):
        note.file.unlink()
    await made.settle()
    assert not list(kept_notes(log.beneath))


async def test_a_hub_whose_clock_stepped_back_gains_its_unit_nothing(
    made: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    county, province, node = await delivered(made, days=5)
    node.publish(instrument("A-3"))
    monkeypatch.setattr(
        "fenhe_hub.mirror.cosign.LARGEST_STEP_BACK", 10 * DAY
    )  # it does as it likes
    made.now -= 3 * DAY
    await county.sync()
    made.now += 20 * DAY
    await made.enrol(province, county)
    await province.sync()
    assert await received(county, node, "A-3") == "2026-11-25"
    assert await received(province, node, "A-3") == "2026-12-15"
    assert await received(province, node, "A-2") == "2026-11-28"


async def test_what_a_hub_beneath_attests_of_another_tree_counts_for_nothing(
    made: Federation,
) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county, province)
    node.publish(instrument("A-1"))
    await made.settle()
    former = shutil.copytree(node.folder, made.folder / "former")
    node.publish(instrument("A-2"))
    await county.sync()
    node.return_to(former)
    node.publish(instrument("B-2"))
    await province.sync()
    await made.enrol(province, county)
    await province.sync()
    log = MirrorLog(province.hub.home, f"{node.origin}/catalogue")
    assert {note.size for note in kept_notes(log.beneath)} == {1}
    assert {row["size"] for row in province.rows("attested")} == {1}
