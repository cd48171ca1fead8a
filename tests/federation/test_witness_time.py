"""The hub was away when a unit published: whose time counts, and for how long."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.files import CHECKPOINT
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLogs, logs_of
from fenhe_client.witness_settings import WitnessSettings
from fenhe_hub.index.places import receipt
from fenhe_hub.index.tables import open_index
from fenhe_node.heads import log_files
from fenhe_node.operations.options import now as system_now
from fenhe_node.witnessing import Witnesses
from fenhe_protocol.checkpoint import cosignatures_by
from fenhe_protocol.note import parse_note
from tests.client.witness_house import answering
from tests.federation.restoring_house import Pair, paired
from tests.node.homes import instrument

DAY = 86_400


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as found:
        yield found


async def witnessed(pair: Pair) -> int:
    """Publish with nobody there but a witness that hub and unit both name; when it signed."""
    home = make_home(pair.folder / "w", "w.example/w")
    for log in logs_of(pair.node.root, usage=False):
        KnownLogs(home.logs).put(log)
    async with answering(home, clock=system_now) as url:
        settings = WitnessSettings(home.verifier.text, url, allow_private=True)
        pair.node = replace(pair.node, config=replace(pair.node.config, witnesses=(settings,)))
        pair.hub = replace(pair.hub, config=replace(pair.hub.config, witnesses=(settings,)))
        pair.publish(instrument("A-1"))
        assert await Witnesses(pair.node).ask(system_now) == []
    return line_time(pair, home)


def line_time(pair: Pair, home: WitnessHome) -> int:
    raw = log_files(pair.node.home, "catalogue").read(CHECKPOINT) or b""
    (found,) = cosignatures_by(parse_note(raw), home.verifier)
    return found.time


def received(pair: Pair) -> int | None:
    """When the unit's first public record counts as delivered, by the hub's index."""
    with closing(open_index(pair.hub.home.index)) as db:
        log_no, index = db.execute(
            "SELECT log_no, idx FROM body WHERE kind = 'instrument'"
        ).fetchone()
        return receipt(db, log_no, index)


async def test_the_witnesss_time_counts_where_the_hub_comes_within_three_working_days(
    pair: Pair,
) -> None:
    at = await witnessed(pair)
    await pair.sync(later=DAY)
    assert received(pair) == at


async def test_after_that_the_hubs_own_time_counts(pair: Pair) -> None:
    at = await witnessed(pair)
    await pair.sync(later=30 * DAY)
    assert (received(pair) or 0) >= at + 30 * DAY
