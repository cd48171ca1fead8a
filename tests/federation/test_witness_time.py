"""The hub was away when a unit published: whose time counts, and for how long."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.demo.ports import free_port
from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.witness.home import WitnessHome, make_home
from fenhe_client.witness.known_logs import KnownLogs, logs_of
from fenhe_client.witness.settings import WitnessSettings
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.index.places import receipt
from fenhe_hub.index.tables import open_index
from fenhe_hub.web.app import make_app as make_hub_app
from fenhe_hub.web.serving import Serving as HubServing
from fenhe_node.hubs.looking import look
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.operations.options import now as system_now
from fenhe_node.publishing.heads import log_files
from fenhe_node.receipts.earliest import receipts_of
from fenhe_node.receipts.witnessing import Witnesses
from fenhe_node.store import Store, feed
from fenhe_node.web.app import make_app as make_node_app
from fenhe_node.web.server import make_serving
from fenhe_protocol.checkpoint import cosignatures_by
from fenhe_protocol.encoding import date_at
from fenhe_protocol.note import parse_note
from tests.client.witness_house import answering
from tests.federation.restoring_house import Pair, served
from tests.hub.houses import new_hub
from tests.node.homes import instrument, new_node

DAY = 86_400


@pytest.fixture
def home(tmp_path: Path) -> WitnessHome:
    return make_home(tmp_path / "w", "w.example/w")


@pytest.fixture
async def pair(tmp_path: Path, home: WitnessHome) -> AsyncIterator[Pair]:
    """A hub that names the witness and is being served, and a unit that it has enrolled."""
    named = (WitnessSettings(home.verifier.text, "https://w.example"),)
    hub = new_hub(tmp_path / "hub")
    hub = replace(hub, config=replace(hub.config, witnesses=named))
    node = new_node(tmp_path / "home", url=f"http://127.0.0.1:{free_port()}")
    found = Pair(tmp_path, hub, node)
    serving = HubServing(hub, now=system_now)
    async with served(make_hub_app(serving), hub.config.public_url), Web() as reader:
        await enrol_hub(reader, node.home, hub.config.public_url, hub.fingerprint, system_now())
        async with served(make_node_app(make_serving(node, dict, system_now)), node.config.address):
            await enrol_unit(hub, node.config.address, node.fingerprint, allow_private=True)
        yield found


async def witnessed(pair: Pair, home: WitnessHome) -> int:
    """Publish with nobody there but a witness that hub and unit both name; when it signed."""
    for log in logs_of(pair.node.root, usage=False):
        KnownLogs(home.logs).put(log)
    async with answering(home, clock=system_now) as url:
        settings = WitnessSettings(home.verifier.text, url, allow_private=True)
        pair.node = replace(pair.node, config=replace(pair.node.config, witnesses=(settings,)))
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


async def delivered(pair: Pair) -> str:
    """The date on which the same record was delivered, as its unit says."""
    await look(pair.node, system_now)
    with Store.open(pair.node.home.store) as store:
        leaf = feed.published_as(store, "A-1", "")[0]
        [receipt] = receipts_of(store, pair.node.root, leaf.log, leaf.index)
    return receipt.date


async def test_the_witnesss_time_counts_where_the_hub_comes_within_three_working_days(
    pair: Pair, home: WitnessHome
) -> None:
    at = await witnessed(pair, home)
    await pair.sync(later=DAY)
    assert received(pair) == at
    assert await delivered(pair) == date_at(at)


async def test_after_that_the_hubs_own_time_counts(pair: Pair, home: WitnessHome) -> None:
    at = await witnessed(pair, home)
    await pair.sync(later=30 * DAY)
    own = received(pair)
    assert own is not None and own >= at + 30 * DAY
    assert await delivered(pair) == date_at(own)
