"""What `publish` does besides publishing where no server runs: it shows life."""

from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_node.delivery import deliver, keep_alive
from fenhe_node.hubs.fed_watch import fed_heads
from fenhe_node.hubs.push import Step
from fenhe_node.node import Node
from fenhe_node.publishing.heads import has_shown_life, verify_head
from tests.node.a_hub import HUB, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, pen, publish_all, put
from tests.node.said_by_a_hub import trust

SIZES = {"catalogue": 1, "usage": 0}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    publish_all(node, Clock())
    return replace(node, config=replace(node.config, listen=""))


def test_a_catalogue_that_does_not_grow_gets_its_heartbeat_from_publish(node: Node) -> None:
    clock = Clock(NOW + 60)
    assert keep_alive(node, pen(node, clock), SIZES) == {"catalogue": 2, "usage": 0}
    assert has_shown_life(node.home)
    assert keep_alive(node, pen(node, clock), {"catalogue": 2, "usage": 0})["catalogue"] == 2
    clock.at += 43_200
    assert keep_alive(node, pen(node, clock), {"catalogue": 2, "usage": 0})["catalogue"] == 3


def test_nobody_waits_for_a_heartbeat(node: Node) -> None:
    clock = Clock(NOW + 5)
    assert keep_alive(node, pen(node, clock), SIZES) == SIZES
    assert clock.waited == [] and not has_shown_life(node.home)


def test_where_a_server_may_run_it_is_left_to_show_life(node: Node) -> None:
    heard = replace(node, config=replace(node.config, listen="127.0.0.1:8640"))
    assert keep_alive(heard, pen(node, Clock(NOW + 60)), SIZES) == SIZES


async def test_what_could_not_be_delivered_is_said(node: Node) -> None:
    put(node, [instrument("A-1")])
    async with a_hub() as hub:
        await trust(node, hub)
    done = await deliver(node, SIZES, Clock().now, lambda what, count, total: None, wait=True)
    assert done.failed
    assert [each.step for each in done.pushed] == [Step.PUSH]
    assert done.views[0].origin == HUB and done.views[0].trouble
    assert fed_heads(node.home) == []
    assert verify_head(node.home, node.root, "catalogue").size == 1
