"""Since when a record counts, as a hub beneath says it: bounded by what it cannot change."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.below.first_dates import judged
from fenhe_hub.fed.log import FedLog
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.lower import Levels, levels
from fenhe_protocol.encoding import date_at
from fenhe_protocol.fed import FirstReceipt, Place
from tests.hub.fake_node import START, FakeNode, instrument
from tests.hub.levels import Federation, Level, federation

DAY = 86_400
MANY = 30
FIRST, LAST = date(2026, 11, 9), date(2027, 1, 3)


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


@pytest.mark.parametrize("said", ["2026-11-09", "2026-12-24", "2027-01-03"])
def test_a_day_within_the_bounds_is_believed(said: str) -> None:
    assert judged(FirstReceipt(Place("u/catalogue", 1), said), "h", FIRST, LAST) is None
    assert judged(FirstReceipt(Place("u/catalogue", 1), said), "h", None, LAST) is None


@pytest.mark.parametrize("said", ["2026-11-08", "2027-01-04", "0001-01-01", "2026-13-01", "soon"])
def test_a_day_that_cannot_be_is_refused(said: str) -> None:
    problem = judged(FirstReceipt(Place("u/catalogue", 1), said), "h", FIRST, LAST)
    assert problem is not None
    assert (problem.code, problem.origin, problem.found) == ("below.date", "u/catalogue#1", said)


async def late(made: Federation) -> tuple[Level, Level, FakeNode]:
    """A unit was founded long before a county registered it, and the province reads the county."""
    county, province = await made.hub("county"), await made.hub("province")
    made.now += 100 * DAY
    node = await made.node(county)
    node.publish(instrument("A-1"))
    await county.sync()
    await made.enrol(province, county)
    await province.sync()
    return county, province, node


def say(level: Level, word: FirstReceipt) -> None:
    """What nothing in its own files bears out."""
    hub = level.hub
    FedLog(hub, hub.fed_files(), HeadStore(hub.home.heads)).publish(
        [word], beat=False, now=level.made.now
    )


def told(level: Level) -> Levels:
    with closing(open_index(level.hub.home.index)) as db:
        return levels(level.hub, db, level.made.now)


def refused(level: Level) -> list[tuple[str, str]]:
    found = told(level)
    assert all(any(each["code"] in line for line in found.lines()) for each in found.refused)
    return [(each["code"], each["found"]) for each in found.refused]


async def test_no_day_is_taken_from_before_the_unit_was_registered_there(made: Federation) -> None:
    county, province, node = await late(made)
    place = Place(f"{node.origin}/catalogue", 0)
    say(county, FirstReceipt(place, date_at(START)))
    await province.sync()
    assert province.said("rcp") == {}
    assert refused(province) == [("below.date", date_at(START))]
    # A day that can be is taken, though a witness may have been earlier than the county.
    day = date_at(START + 95 * DAY)
    say(county, FirstReceipt(place, day))
    await province.sync()
    assert province.said("rcp")[place.text]["first"] == day
    assert refused(province) == []


async def test_no_day_is_taken_from_before_the_unit_was_founded(made: Federation) -> None:
    _, province, node = await late(made)
    nation = await made.hub("nation")
    await made.enrol(nation, province)
    await nation.sync()
    # To the nation it comes by two hubs: how long the lower one has known it, the upper cannot say.
    place = Place(f"{node.origin}/catalogue", 0)
    say(province, FirstReceipt(place, date_at(START - 2 * DAY)))
    await nation.sync()
    assert (nation.said("rcp"), len(refused(nation))) == ({}, 1)
    say(province, FirstReceipt(place, date_at(START)))
    await nation.sync()
    assert nation.said("rcp")[place.text]["first"] == date_at(START)


async def test_no_day_is_taken_that_is_still_to_come(made: Federation) -> None:
    county, province, node = await late(made)
    say(county, FirstReceipt(Place(f"{node.origin}/catalogue", 0), date_at(made.now + 9 * DAY)))
    await province.sync()
    assert (province.said("rcp"), len(refused(province))) == ({}, 1)


async def test_however_many_such_days_a_hub_says_the_log_has_one_line(
    made: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    county, province, node = await late(made)
    node.publish(*(instrument(f"B-{number}") for number in range(MANY)))
    await county.sync()
    await province.sync()
    for index in range(MANY):
        say(county, FirstReceipt(Place(f"{node.origin}/catalogue", index), date_at(START)))
        made.now += 60
    caplog.clear()
    await province.sync()
    assert len(refused(province)) == MANY
    assert len({each.message for each in caplog.records if "below.date" in each.message}) == 1
    assert f"{MANY} words of" in caplog.text
    assert len(list(told(province).lines())) < MANY
