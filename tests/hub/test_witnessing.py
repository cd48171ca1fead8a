"""Heads that the mirror cosigned, shown to witnesses that somebody else runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.witness.service import Witness
from fenhe_hub.home import locked
from fenhe_hub.mirror.cosign import latest_note
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from fenhe_protocol.note import parse_note
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.fake_node import instrument, service
from tests.hub.watched import MIRROR, NAME, Watched, names, watched_in


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    async with watched_in(tmp_path) as found:
        yield found


async def test_one_round_ends_with_the_witnesss_line_in_the_mirror_and_in_fed(
    watched: Watched,
) -> None:
    one, two = watched.province.nodes
    watched.know(one)
    watched.know(two)
    async with watched.answers():
        await watched.province.sync()
        for node in (one, two):
            origin = f"{node.origin}/catalogue"
            signers = [origin, MIRROR, NAME]
            assert watched.signers(node) == signers
            shown = watched.log(node).files.read(CHECKPOINT) or b""
            assert names(shown) == signers
            assert names(watched.province.said("adv")[origin]["note"].encode()) == signers
        assert watched.status().cosigned == watched.status().logs == 2
        # What is witnessed is not submitted again, and nothing more is said of it.
        fed = len(watched.province.rows("said"))
        assert await watched.ask() == 0
        await watched.province.sync()
        assert len(watched.province.rows("said")) == fed


async def test_a_log_that_grows_is_proven_consistent_to_the_witness(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        for number in range(5):
            node.publish(*(instrument(f"B-{number}-{each}") for each in range(100)))
            await watched.province.sync()
            head = Witness(watched.home).promised(f"{node.origin}/catalogue")
            assert head is not None
            assert head.size == node.size("catalogue")
            assert NAME in watched.signers(node)


async def test_how_much_a_unit_serves_stays_between_it_and_the_hub(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    node.publish(service("S-1"), log="usage")
    async with watched.answers():
        await watched.province.sync()
        assert NAME not in watched.signers(node, "usage")
        watched.name_it(logs=("catalogue", "usage"))
        assert await watched.ask() == 1
        assert NAME in watched.signers(node, "usage")


async def test_a_witness_that_is_away_holds_up_nothing_and_is_asked_again(
    watched: Watched,
) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    assert all(report.whole for report in await watched.province.sync())
    assert watched.signers(node) == [f"{node.origin}/catalogue", MIRROR]
    assert watched.status().code.startswith("fetch.")
    assert watched.status().where == ""
    said = watched.province.said("adv")[f"{node.origin}/catalogue"]
    async with watched.answers():
        assert await watched.ask(1) == 0  # too soon
        assert await watched.ask(60) == 1
        assert NAME in watched.signers(node)
        shown = watched.log(node).files.read(CHECKPOINT) or b""
        assert NAME in names(shown)
        await watched.province.sync()
    # A line that came after the word earns no word of its own.
    assert watched.province.said("adv")[f"{node.origin}/catalogue"] == said


async def test_a_witness_that_does_not_know_one_log_still_cosigns_the_other(
    watched: Watched,
) -> None:
    watched.know(watched.province.nodes[1])
    async with watched.answers():
        await watched.province.sync()
        status = watched.status()
        assert (status.logs, status.cosigned, status.code) == (2, 1, "witness.denied")
        assert status.where == f"{watched.province.nodes[0].origin}/catalogue"
        assert status.found == "404"
        watched.know(watched.province.nodes[0])
        assert await watched.ask(60) == 1
        assert watched.status().code == ""


async def test_a_unit_that_showed_the_witness_another_history_is_told(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    origin = f"{node.origin}/catalogue"
    HeadStore(watched.home.heads).advance(
        f"{NAME} {origin}", None, size=1, root=b"x" * 32, now=watched.province.now
    )
    async with watched.answers():
        await watched.province.sync()
        assert watched.status().code == "witness.disagrees"
        assert watched.signers(node) == [origin, MIRROR]


async def test_two_histories_of_a_unit_are_proven_by_what_the_witness_shows(
    watched: Watched,
) -> None:
    forger, honest = watched.province.nodes
    watched.know(forger)
    watched.know(honest)
    origin = f"{forger.origin}/catalogue"
    told = sign_checkpoint(Checkpoint(origin, 1, b"x" * 32), forger.log_key)
    raw = compose_add_checkpoint(AddCheckpoint(0, (), told))
    Witness(watched.home).add_checkpoint(raw, watched.province.now)
    async with watched.answers():
        await watched.province.sync()
        assert watched.status().code == "witness.disagrees"
        reports = await watched.province.sync()
    stopped = [f"{each.unit}/{each.log}" for each in reports if each.outcome == "quarantine"]
    assert stopped == [origin]
    evidence = sorted(watched.province.hub.home.evidence(origin).glob("*.note"))
    assert {parse_checkpoint(parse_note(each.read_bytes()).text).root for each in evidence} == {
        b"x" * 32,
        parse_checkpoint(parse_note(forger.read("catalogue", CHECKPOINT)).text).root,
    }
    assert not watched.province.hub.home.evidence(f"{honest.origin}/catalogue").exists()


async def test_without_its_memory_every_witness_is_asked_where_it_stands(
    watched: Watched,
) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        await watched.province.sync()
        watched.province.hub.home.witnesses.unlink()
        node.publish(instrument("A-2"))
        await watched.province.sync()
        assert watched.signers(node).count(NAME) == 1
        watched.province.hub.home.witnesses.write_bytes(b"spoilt" * 100)
        await watched.ask()
        assert watched.signers(node).count(NAME) == 1
        assert watched.status().code == "witness.denied"  # of the other unit


async def test_a_log_that_is_being_visited_is_left_for_the_next_turn(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fenhe_hub.witnessing.shown._LOCK_PATIENCE", 0.0)
    node = watched.province.nodes[0]
    await watched.province.sync()
    watched.know(node)
    async with watched.answers():
        with locked(watched.log(node).folder / "lock"):
            assert await watched.ask(120) == 0
        assert NAME not in watched.signers(node)
        assert await watched.ask(1) == 1
        assert watched.signers(node).count(NAME) == 1


async def test_a_kill_before_the_line_is_shown_is_made_good(watched: Watched) -> None:
    node = watched.province.nodes[0]
    watched.know(node)
    async with watched.answers():
        await watched.province.sync()
        log = watched.log(node)
        kept = latest_note(log.notes)
        assert kept is not None
        before = kept.file.read_bytes().splitlines(keepends=True)
        log.files.write_all({CHECKPOINT: b"".join(before[:-1])})
        watched.province.hub.home.witnesses.unlink()
        await watched.ask()
        assert log.files.read(CHECKPOINT) == kept.file.read_bytes() == b"".join(before)
