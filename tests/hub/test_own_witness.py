"""A hub that also witnesses: another cosigner at `/w`, for the logs of others."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession

from fenhe_client.fetching.fetch import Web
from fenhe_client.witness.home import make_home
from fenhe_client.witness.known_logs import KnownLog, KnownLogs
from fenhe_client.witness.units import UnitSource, know_unit
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from fenhe_hub.witnessing.own import look_at_units, own_witness
from fenhe_protocol.checkpoint import KeyRange
from fenhe_protocol.errors import SetupError
from fenhe_protocol.origin import origin_hash
from tests.client.witness_house import KEYS, ORIGIN, opened, submit
from tests.histories import History
from tests.hub.fake_node import FakeNode
from tests.hub.houses import HUB_ORIGIN, new_hub, served

LOG = History(ORIGIN)


async def test_the_hubs_own_witness_answers_below_w(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    home = make_home(hub.home.own_witness, f"{HUB_ORIGIN}/w")
    KnownLogs(home.logs).put(KnownLog(ORIGIN, KEYS))
    async with served(hub) as visitor, ClientSession() as session:
        url = f"{hub.config.public_url}/w"
        status, _, line = await submit(session, url, LOG.request(0, 5))
        assert status == 200
        assert [each.name for each in opened(home, LOG.note(5), line).cosignatures] == [
            f"{HUB_ORIGIN}/w"
        ]
        conflict = await submit(session, url, LOG.request(0, 6))
        assert conflict == (409, "text/x.tlog.size", b"5\n")
        shown = await visitor.get(f"w/{origin_hash(ORIGIN)}/checkpoint")
        assert await shown.read() == LOG.note(5) + line
        assert home.key.public != hub.keys.mirror.public
        # It is no mirror: there it has never been heard of.
        assert (await visitor.get(f"m/{origin_hash(ORIGIN)}/checkpoint")).status == 404


async def test_without_one_nothing_is_answered_there(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    assert own_witness(hub) is None
    assert look_at_units(hub) == 0
    async with served(hub), ClientSession() as session:
        assert (await submit(session, f"{hub.config.public_url}/w", LOG.request(0, 5)))[0] == 404


def test_under_another_name_it_is_not_the_hubs(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    make_home(hub.home.own_witness, "w.example/w")
    with pytest.raises(SetupError, match=r"^setup\.value"):
        make_app(Serving(hub))


async def test_the_keys_of_its_units_are_looked_for(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    home = make_home(hub.home.own_witness, f"{HUB_ORIGIN}/w")
    async with FakeNode(tmp_path / "u1").serving() as node:
        first = node.log_key.public
        async with Web() as web:
            source = UnitSource(node.url, node.fingerprint, allow_private=True)
            await know_unit(home, web, source)
        node.change_key()
        assert await asyncio.to_thread(look_at_units, hub) == 0
        (log,) = KnownLogs(home.logs)
        assert log.keys == (KeyRange(first, 0, 1), KeyRange(node.log_key.public, 1))
    assert await asyncio.to_thread(look_at_units, hub) == 1  # nobody is there any more
