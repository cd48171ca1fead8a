"""The recorded order of visits: nobody who is well waits for somebody who is not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.agenda.planner import Agenda, Pace
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded
from tests.hub.test_planner import NOW, turn

HANG_AT, WELL = ("checkpoint", "tile/entries", "body/"), 4


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=len(HANG_AT) + WELL) as province:
        yield province


async def test_no_healthy_visit_waits_for_one_that_hangs(province: Province) -> None:
    # Fewer places than there are who hang: each of them would hold one till its time is over.
    province.hub = replace(
        province.hub,
        config=replace(
            province.hub.config,
            at_once=len(HANG_AT),
            for_each_host=50,
            patience_seconds=1,
            visit_seconds=4,
        ),
    )
    for node in province.nodes:
        node.publish(instrument("A-1"))
    for node, path in zip(province.nodes, HANG_AT, strict=False):
        node.go_slow(60, path)
    hanging = {node.origin for node in province.nodes[: len(HANG_AT)]}
    reports = [each for each in await province.sync() if each.log == "catalogue"]
    order = [each.began for each in reports] + [each.ended for each in reports]
    assert len(set(order)) == 2 * len(reports)
    assert all(0 < each.began < each.ended for each in reports)
    well = [each for each in reports if each.unit not in hanging]
    stuck = [each for each in reports if each.unit in hanging]
    assert [each.size for each in well] == [1] * WELL
    assert max(each.ended for each in well) < min(each.ended for each in stuck)


def test_who_stands_aside_leaves_a_place_and_comes_back_to_none() -> None:
    agenda = Agenda([turn(name) for name in "abcd"], Pace(at_once=1, aside=2), "s")
    (first,) = agenda.take(NOW)
    assert agenda.take(NOW) == []
    agenda.stand_aside(first.origin)
    (second,) = agenda.take(NOW)
    agenda.put(turn(first.origin), at=NOW + 999)
    assert agenda.take(NOW) == []  # the place is the second one's now
    agenda.put(turn(second.origin), at=NOW + 999)
    assert len(agenda.take(NOW)) == 1


def test_only_so_many_may_stand_aside() -> None:
    agenda = Agenda([turn(name) for name in "abcdef"], Pace(at_once=1, aside=2), "s")
    taken = 0
    for _ in range(6):
        for each in agenda.take(NOW):
            taken += 1
            agenda.stand_aside(each.origin)
    assert taken == 3


def test_who_failed_lately_takes_no_place_of_those_who_did_not() -> None:
    failing = [turn(f"failing{n}", failures=1) for n in range(5)]
    pace = Pace(at_once=2, aside=0, doubted=3)
    agenda = Agenda([*failing, *(turn(f"well{n}") for n in range(4))], pace, "s")
    first = agenda.take(NOW)
    assert [each.is_doubted for each in first] == [False] * 2 + [True] * 3
    for place in range(2):  # while all who failed hang on
        agenda.put(turn(first[place].origin), at=NOW + 999)
        (following,) = agenda.take(NOW)
        assert not following.is_doubted
    agenda.stand_aside(first[2].origin)
    assert agenda.take(NOW) == []  # who is doubted stands aside for nobody
    agenda.put(turn(first[2].origin), at=NOW)  # well again: it waits among the others
    assert [each.is_doubted for each in agenda.take(NOW)] == [True]


def test_who_failed_lately_leaves_a_place_at_its_host() -> None:
    failing = [turn(f"failing{n}", "one", failures=1) for n in range(5)]
    agenda = Agenda(failing, Pace(for_each_host=2), "s")
    assert len(agenda.take(NOW)) == 1
    for n in range(3):
        agenda.put(turn(f"well{n}", "one"))
        assert [each.origin for each in agenda.take(NOW)] == [f"well{n}"]
        agenda.put(turn(f"well{n}", "one"), at=NOW + 999)
        assert agenda.take(NOW) == []


async def test_a_round_knows_who_failed_lately(province: Province) -> None:
    province.hub = replace(province.hub, config=replace(province.hub.config, at_once=1))
    failing = province.nodes[: len(HANG_AT)]
    for node in province.nodes:
        node.publish(instrument("A-1"))
    for node in failing:
        node.withhold("catalogue", "checkpoint")
    await province.sync()
    reports = await province.sync()
    again = [each.began for each in reports if not each.whole]
    assert len(again) == len(failing)
    # They took none of the others' places, of which there is one: all had begun at once.
    assert max(again) < min(each.ended for each in reports)
