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
