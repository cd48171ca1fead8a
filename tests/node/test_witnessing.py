"""Heads that a node signed, shown to witnesses that somebody else runs."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLogs, logs_of
from fenhe_client.witness.settings import WitnessSettings
from fenhe_node.chores import Chores, chores
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files, verify_head
from fenhe_node.publishing.publish import recover
from fenhe_node.receipts.witnessing import Witnesses
from fenhe_protocol.note import parse_note
from tests.client.witness_house import answering
from tests.node.homes import Clock, instrument, new_node, pen, publish_all, put

NAME = "w.example/w"
LOG = "u1.example/fenhe/catalogue"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


@pytest.fixture
def home(tmp_path: Path, node: Node) -> WitnessHome:
    home = make_home(tmp_path / "w", NAME)
    for log in logs_of(node.root, usage=True):
        KnownLogs(home.logs).put(log)
    return home


def naming(node: Node, home: WitnessHome, url: str) -> Node:
    """The node with this witness in its configuration."""
    settings = WitnessSettings(home.verifier.text, url, allow_private=True)
    return replace(node, config=replace(node.config, witnesses=(settings,)))


@asynccontextmanager
async def named(node: Node, home: WitnessHome, clock: Clock) -> AsyncIterator[Node]:
    async with answering(home, clock=clock.now) as url:
        yield naming(node, home, url)


def signers(node: Node, log: str = "catalogue") -> list[str]:
    raw = log_files(node.home, log).read(CHECKPOINT) or b""
    return [line.name for line in parse_note(raw).signatures]


async def test_every_published_head_gets_its_line_and_the_next_publish_goes_on(
    node: Node, home: WitnessHome
) -> None:
    clock = Clock()
    async with named(node, home, clock) as told:
        for number in range(3):
            put(told, [instrument(f"A-{number}-{each}") for each in range(200)])
            clock.at += 60
            await Chores(told, pen(told, clock)).publish()
            assert signers(told) == [LOG, NAME]
            size = verify_head(told.home, told.root, "catalogue").size
            assert size == 200 * (number + 1) + 1  # the unit is a record, too
    # What is recovered after a kill keeps the line.
    recover(pen(node, clock))
    assert signers(node) == [LOG, NAME]


async def test_how_much_the_unit_serves_is_not_shown_unless_it_wants_so(
    node: Node, home: WitnessHome
) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    async with named(node, home, clock) as told:
        assert await Witnesses(told).ask(clock.now) == []
    assert signers(node) == [LOG, NAME]
    assert NAME not in signers(node, "usage")


async def test_a_witness_that_is_away_is_asked_again_later(
    node: Node, home: WitnessHome, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    away = naming(node, home, "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        await Chores(away, pen(away, clock)).publish()
    assert "fetch." in caplog.text
    assert signers(node) == [LOG]
    witnesses = Witnesses(away)
    assert [error.code for error in await witnesses.ask(clock.now)] == ["fetch.connect"]
    assert await witnesses.ask(clock.now) == []  # too soon
    clock.at += 60
    assert [error.code for error in await witnesses.ask(clock.now)] == ["fetch.connect"]
    async with named(node, home, clock) as told:
        assert await Witnesses(told).ask(clock.now) == []
    assert signers(node) == [LOG, NAME]


async def test_nothing_signed_is_nothing_to_show(node: Node, home: WitnessHome) -> None:
    away = naming(node, home, "http://127.0.0.1:9")
    assert await Witnesses(away).ask(Clock().now) == []


def test_the_job_is_there_where_a_witness_is_named(node: Node, home: WitnessHome) -> None:
    told = naming(node, home, "https://w.example/w")
    clock = Clock()
    names = {job.name for job in chores(told, pen(told, clock))}
    assert names - {job.name for job in chores(node, pen(node, clock))} == {"witness"}
