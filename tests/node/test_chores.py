import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.partials import PARTIAL_SECONDS
from fenhe_node.chores import Chores, chores
from fenhe_node.hubs.trust import enrol_hub, trusted
from fenhe_node.node import Node
from fenhe_node.publishing.heads import verify_head
from tests.node.a_hub import a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, pen, publish_all, put
from tests.node.serving import every_file


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def test_a_node_publishes_by_itself_only_if_it_is_told_when(node: Node) -> None:
    told = replace(node, config=replace(node.config, publish_at="30 2 * * *"))
    names = [{job.name for job in chores(each, pen(each, Clock()))} for each in (node, told)]
    always = {"heartbeat", "sweep", "trust", "receipts", "push", "check-files", "requests"}
    assert names == [always, always | {"publish"}]


async def test_a_scheduled_publish_names_what_it_refuses(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    put(node, [instrument("A-1"), instrument("A-2", status="splendid")])
    with caplog.at_level(logging.WARNING):
        await Chores(node, pen(node, Clock())).publish()
    assert "instrument A-2" in caplog.text
    assert verify_head(node.home, node.root, "catalogue").size == 2


async def test_partial_files_go_an_hour_after_the_full_one(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    put(node, [instrument(f"A-{n}") for n in range(300)])
    publish_all(node, clock)
    for file in every_file(node.home.public):
        os.utime(node.home.public / file, (NOW, NOW))
    before = every_file(node.home.public)
    clock.at = NOW + PARTIAL_SECONDS
    await Chores(node, pen(node, clock)).sweep()
    gone = set(before) - set(every_file(node.home.public))
    assert gone == {"catalogue/tile/0/000.p/1", "catalogue/tile/entries/000.p/1"}
    assert verify_head(node.home, node.root, "catalogue").size == 301


async def test_where_a_receipt_is_missing_the_hub_may_have_begun_another_log(node: Node) -> None:
    clock = Clock()
    async with a_hub() as hub, Web() as web:
        await enrol_hub(web, node.home, hub.url, hub.fingerprint, NOW)
        publish_all(node, clock)
        hub.write_root(n=2)
        chores = Chores(node, pen(node, clock))
        known: list[int] = []
        for seconds in (1, PARTIAL_SECONDS + 60, 60, 600):
            clock.at += seconds
            await chores.look_at_hubs()
            ((_, document),) = trusted(node.home)
            known.append(document.n)
            if document.n == 2:
                hub.write_root(n=3)
        assert known == [1, 2, 2, 3]


async def test_a_hub_that_cannot_be_reached_is_no_failure_of_the_node(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_hub() as hub, Web() as web:
        await enrol_hub(web, node.home, hub.url, hub.fingerprint, NOW)
    with caplog.at_level(logging.WARNING):
        await Chores(node, pen(node, Clock())).look_for_keys()
    assert "fetch.connect" in caplog.text
