"""The node's self-check by itself and by command; how it heals stands in `tests/faults`."""

import logging
from pathlib import Path

import pytest

from fenhe_client.checking.result import last_result
from fenhe_node.chores import Chores
from fenhe_node.node import Node
from fenhe_node.standing import standing
from fenhe_node.web.server import make_serving
from fenhe_node.web.watch import reasons_against
from tests.node.homes import NOW, Clock, instrument, new_node, pen, publish_all, put

DAY = 86_400


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    return node


async def test_it_is_done_once_a_day(node: Node) -> None:
    clock = Clock()
    work = Chores(node, pen(node, clock))
    for at, done in ((NOW, NOW), (NOW + DAY - 1, NOW), (NOW + DAY, NOW + DAY)):
        clock.at = at
        await work.check_files()
        assert last_result(node.home.path).at == done
    assert last_result(node.home.path).leaves == 2
    assert not last_result(node.home.path).findings


async def test_what_nobody_can_heal_is_told_everywhere_until_it_is_whole(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    clock, body = Clock(), node.home.public / "catalogue/body/pub/000"
    serving, whole = make_serving(node, dict, clock.now), body.read_bytes()
    work = Chores(node, pen(node, clock))
    body.write_bytes(whole[:-7])
    with caplog.at_level(logging.WARNING):
        await work.check_files()
    assert "body/pub/000" in caplog.text
    assert "files: 1 damaged" in reasons_against(serving)
    assert standing(node, clock.at).files["findings"][0]["path"] == "body/pub/000"
    body.write_bytes(whole)
    clock.at += DAY
    await work.check_files()
    assert reasons_against(serving) == []


async def test_a_result_that_is_damaged_itself_is_none(node: Node) -> None:
    await Chores(node, pen(node, Clock())).check_files()
    for text in ("", "[]", '{"findings": 3}', '{"findings": [], "more": 1}'):
        (node.home.path / "checked.json").write_text(text)
        assert last_result(node.home.path).at == 0
