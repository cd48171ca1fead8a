from pathlib import Path

import pytest

from fenhe_node import heartbeat
from fenhe_node.chores import Chores
from fenhe_node.node import Node
from fenhe_node.publishing.heads import has_shown_life, verify_head
from fenhe_node.signs_of_life import heartbeat_due
from tests.node.homes import NOW, UNIT, Clock, new_node, pen, publish_all, put

DAY = 86_400


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def size(node: Node) -> int:
    return verify_head(node.home, node.root, "catalogue").size


@pytest.mark.parametrize(
    ("fields", "hours"),
    [({}, 24), ({"rhythm_hours": 168}, 168), ({"rhythm_hours": 1}, 1), ({"rhythm_hours": "1"}, 24)],
)
def test_the_rhythm_is_what_the_unit_promises(fields: dict[str, object], hours: int) -> None:
    assert heartbeat.rhythm_seconds(fields) == hours * 3600


def test_a_catalogue_is_given_half_its_rhythm() -> None:
    assert heartbeat.due_at(grown_at=NOW, rhythm=DAY, now=NOW + 5) == NOW + DAY // 2


@pytest.mark.parametrize("grown_at", [None, NOW + DAY])
def test_an_empty_catalogue_and_one_of_the_future_are_due_at_once(grown_at: int | None) -> None:
    assert heartbeat.due_at(grown_at=grown_at, rhythm=DAY, now=NOW) == NOW


async def test_the_first_heartbeat_comes_when_the_node_first_serves(node: Node) -> None:
    clock = Clock()
    assert await Chores(node, pen(node, clock)).show_life() == NOW + DAY // 2
    assert size(node) == 1
    assert await Chores(node, pen(node, clock)).show_life() == NOW + DAY // 2
    assert size(node) == 1


async def test_the_first_heartbeat_lets_a_fresh_publish_have_its_ten_seconds(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    chores = Chores(node, pen(node, clock))
    assert await chores.show_life() == NOW + 10
    assert not has_shown_life(node.home) and clock.waited == []
    clock.at += 60
    await chores.show_life()
    assert has_shown_life(node.home)


async def test_growth_puts_the_next_heartbeat_off(node: Node) -> None:
    clock = Clock()
    chores = Chores(node, pen(node, clock))
    await chores.show_life()
    clock.at += DAY // 2 - 1
    publish_all(node, clock)
    clock.at += 1
    assert await chores.show_life() == NOW + DAY // 2 - 1 + DAY // 2
    assert size(node) == 2


async def test_a_clock_set_back_does_not_silence_the_node(node: Node) -> None:
    clock = Clock()
    chores = Chores(node, pen(node, clock))
    await chores.show_life()
    clock.at -= 400 * DAY
    await chores.show_life()
    assert size(node) == 2
    assert heartbeat_due(node, clock.now()) == clock.now() + DAY // 2


async def test_the_rhythm_of_the_published_record_counts(node: Node) -> None:
    clock = Clock()
    unit = {"unit": UNIT, "kind": "unit", "id": UNIT, "name_zh": "示例大学", "rhythm_hours": 168}
    put(node, [unit])
    publish_all(node, clock)
    clock.at += 60
    assert await Chores(node, pen(node, clock)).show_life() == clock.now() + 84 * 3600
