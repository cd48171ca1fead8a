"""Receipts as visitors see them, and alarms as whoever runs the node does."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from fenhe_node.hubs.looking import look
from fenhe_node.node import Node
from fenhe_node.receipts.earliest import log_keys
from fenhe_protocol.keys import COSIGNATURE, VerifierKey
from fenhe_protocol.proof import verify_proof
from fenhe_protocol.root_document import cosigner_name
from tests.node.a_hub import HUB, MIRROR, a_hub
from tests.node.homes import NOW, ORIGIN, Clock, instrument, new_node, publish_all, put
from tests.node.said_by_a_hub import mirror, trust
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
RECORD = "/fenhe/record?kind=instrument&id=A-1"
PROOF = "/fenhe/record.tlog-proof?kind=instrument&id=A-1"
COSIGNER = VerifierKey(cosigner_name(HUB), COSIGNATURE, MIRROR.public)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1", value_yuan=500_000)])
    publish_all(node, Clock())
    return node


async def received(node: Node) -> None:
    async with a_hub() as hub:
        await trust(node, hub)
        mirror(hub, node, "catalogue", at=NOW + 65)
        await look(node, Clock().now)


async def body_of(client: Client, path: str) -> bytes:
    async with client.get(path) as answer:
        assert answer.status == 200
        return await answer.read()


async def test_a_records_page_shows_its_receipt_once_there_is_one(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    assert "尚无平台回执" in (await body_of(client, RECORD)).decode()
    await received(node)
    page = (await body_of(client, RECORD)).decode()
    assert "回执 2026-11-23 08:01 hub.example/fenhe/m" in page and "尚无" not in page
    assert PROOF.replace("&", "&amp;") in page


async def test_the_proof_of_a_page_is_the_receipt_and_discloses_what_is_public(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    keys = log_keys(node.root, "catalogue")
    origin = f"{ORIGIN}/catalogue"
    before = verify_proof(
        await body_of(client, PROOF), origin=origin, keys=keys, cosigners=[COSIGNER]
    )
    assert before.cosignatures == ()
    await received(node)
    after = verify_proof(
        await body_of(client, PROOF), origin=origin, keys=keys, cosigners=[COSIGNER]
    )
    assert [each.time for each in after.cosignatures] == [NOW + 65]
    assert after.bodies.keys() == {"pub"}


async def test_there_is_no_proof_of_what_is_not_public(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(PROOF.replace("A-1", "A-2")) as answer:
        assert answer.status == 404


async def test_an_alarm_is_seen_by_whoever_watches_and_restarts_nobody(
    node: Node, aiohttp_client: MakeClient
) -> None:
    async with a_hub() as hub:
        await trust(node, hub)
        await look(node, Clock().now)
    client = await aiohttp_client(application(node, Clock(NOW + 3601)))
    async with client.get("/healthz") as answer:
        told = await answer.json()
        assert (answer.status, told["alarms"]) == (200, ["hub.unmirrored"])
    text = (await body_of(client, "/metrics")).decode()
    assert 'fenhe_node_alarm{code="hub.unmirrored",hub="hub.example/fenhe"} 1.0' in text
