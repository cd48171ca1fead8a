"""A hub that says something else to a witness than to its units is an alarm at each of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.service import Witness
from fenhe_client.witness.settings import WitnessSettings
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.node import Node
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.client.witness_house import answering
from tests.node.a_hub import HUB, LOG, AHub, a_hub
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put
from tests.node.said_by_a_hub import Fed, trust


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    home = make_home(tmp_path / "w", "w.example/w")
    KnownLogs(home.logs).put(KnownLog(f"{HUB}/fed", (KeyRange(LOG.public),)))
    return home


@asynccontextmanager
async def watching(tmp_path: Path, home: WitnessHome) -> AsyncIterator[tuple[Node, AHub]]:
    """A node that names the witness, and a hub that it trusts."""
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    async with answering(home, now=NOW) as url, a_hub() as hub:
        settings = WitnessSettings(home.verifier.text, url, allow_private=True)
        node = replace(node, config=replace(node.config, witnesses=(settings,)))
        await trust(node, hub)
        yield node, hub


def show(home: WitnessHome, hub: AHub) -> None:
    request = AddCheckpoint(0, (), hub.files["fed/checkpoint"])
    Witness(home).add_checkpoint(compose_add_checkpoint(request), NOW)


def codes(node: Node) -> set[str]:
    return {alarm.error.code for alarm in standing_alarms(node.home, NOW)}


async def test_two_histories_are_an_alarm_at_once(tmp_path: Path, home: WitnessHome) -> None:
    async with watching(tmp_path, home) as (node, hub):
        Fed(tmp_path / "theirs", hub).advance(node, "usage", at=NOW + 5)
        show(home, hub)
        Fed(tmp_path / "ours", hub).advance(node, "catalogue", at=NOW + 5)
        [view] = await look(node, Clock().now)
        assert "follow.fork" in view.trouble
        assert codes(node) == {"hub.forked"}
        await look(node, Clock().now)
        assert codes(node) == {"hub.forked"}


async def test_a_witness_that_saw_the_same_or_nothing_is_none(
    tmp_path: Path, home: WitnessHome
) -> None:
    async with watching(tmp_path, home) as (node, hub):
        fed = Fed(tmp_path / "fed", hub)
        fed.advance(node, "catalogue", at=NOW + 5)
        assert [view.trouble for view in await look(node, Clock().now)] == [""]
        show(home, hub)
        fed.advance(node, "usage", at=NOW + 5)
        assert [view.trouble for view in await look(node, Clock().now)] == [""]
        assert codes(node) == set()
