"""The head of the hub's own log, shown to witnesses: who says two things can be shown to do so."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.witness.known_logs import KnownLogs, logs_of
from fenhe_client.witness.service import Witness
from fenhe_hub.fed.log import shown_size
from fenhe_hub.home import locked
from fenhe_hub.restoring.rebuild import rebuild
from tests.hub.epochs import end_fed
from tests.hub.fake_node import instrument
from tests.hub.watched import NAME, Watched, names, watched_in

FED = "hub.example/fenhe/fed"


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    """A province whose hub is known to the witness, as its units are."""
    async with watched_in(tmp_path) as found:
        for log in logs_of(found.province.hub.root, usage=False):
            KnownLogs(found.home.logs).put(log)
        for node in found.province.nodes:
            found.know(node)
        yield found


def signers(watched: Watched) -> list[str]:
    return names(watched.province.hub.fed_files().read(CHECKPOINT) or b"")


def size(watched: Watched) -> int:
    return shown_size(watched.province.hub.fed_files())


async def test_each_head_of_fed_gets_the_witnesss_line_and_keeps_it(watched: Watched) -> None:
    node = watched.province.nodes[0]
    async with watched.answers():
        for number in range(3):
            node.publish(instrument(f"B-{number}"))
            await watched.province.sync()
            assert signers(watched) == [FED, NAME]
            promised = Witness(watched.home).promised(FED)
            assert promised is not None and promised.size == size(watched)
            status = watched.status()
            assert (status.fed, status.fed_at, status.fed_code) == (
                size(watched),
                watched.province.now,
                "",
            )
    # Nothing is said, and nothing that recovers or rebuilds takes the line away.
    before, dump = size(watched), watched.province.dump()
    await watched.province.sync()
    rebuild(watched.province.hub)
    assert (size(watched), signers(watched)) == (before, [FED, NAME])
    assert watched.province.dump() == dump


async def test_a_hub_that_showed_the_witness_another_history_is_told_and_goes_on(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    HeadStore(watched.home.heads).advance(
        f"{NAME} {FED}", None, size=1, root=b"x" * 32, now=watched.province.now
    )
    async with watched.answers():
        with caplog.at_level(logging.ERROR):
            await watched.province.sync()
        assert watched.status().fed_code == "witness.disagrees"
    assert "another history of our own log" in caplog.text
    assert signers(watched) == [FED]
    assert watched.status().cosigned == 2  # the units' receipts have nothing to do with it


async def test_while_somebody_writes_fed_the_line_waits_for_the_next_turn(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fenhe_hub.witnessing.shown._LOCK_PATIENCE", 0.0)
    await watched.province.sync()
    async with watched.answers():
        with locked(watched.province.hub.home.path / "fed.lock"):
            await watched.ask()
        assert signers(watched) == [FED]
        await watched.ask()
        assert signers(watched) == [FED, NAME]


async def test_a_witness_goes_on_in_the_next_epoch_once_it_has_read_the_root_document(
    watched: Watched,
) -> None:
    province = watched.province
    async with watched.answers():
        await province.sync()
        ended = await end_fed(province.hub, province.now)
        before = Witness(watched.home).promised(FED)
        assert before is not None and before.size == ended
        province.nodes[0].publish(instrument("B-1"))
        await province.sync()
        assert signers(watched) == [f"{FED}.2"]
        assert watched.status().fed_code == "witness.denied"
        for log in logs_of(province.hub.root, usage=False):
            KnownLogs(watched.home.logs).put(log)
        await watched.ask(3600)
        assert signers(watched) == [f"{FED}.2", NAME]
        assert watched.status().fed == size(watched)
        assert Witness(watched.home).promised(FED) == before
        province.nodes[1].publish(instrument("B-2"))
        await province.sync()
        promised = Witness(watched.home).promised(f"{FED}.2")
        assert promised is not None and promised.size == size(watched)
