import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from fenhe_node.node import Node
from fenhe_node.publishing.heads import LOGS
from fenhe_node.web import feed
from fenhe_protocol.keys import SigningKey
from tests.node.homes import (
    NOW,
    Clock,
    instrument,
    new_node,
    publish_all,
    put,
    service,
)
from tests.node.serving import application, every_file, signed, trust_a_hub

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
MARK = "只给省平台的标记"


@pytest.fixture
async def node(tmp_path: Path) -> Node:
    """A node with records of every tier and log, trusted by one hub."""
    node = new_node(tmp_path / "home")
    put(node, [instrument(f"A-{n}", department=MARK, value_yuan=n) for n in range(3)])
    put(node, [service(f"S-{n}", fee_line=f"{MARK}{n}") for n in range(2)])
    publish_all(node, Clock())
    await trust_a_hub(node)
    return node


HELD = [
    "usage/checkpoint",
    "usage/tile/0/000.p/2",
    "usage/tile/entries/000.p/2",
    "usage/body/hub/000",
    "catalogue/body/hub/000",
]
ABSENT_AND_HELD = ["usage/tile/0/999", "usage/body/hub/009", "catalogue/body/hub/009"]
PUBLIC = [
    "root/1",
    "catalogue/checkpoint",
    "catalogue/tile/0/000.p/4",
    "catalogue/tile/entries/000.p/4",
    "catalogue/body/pub/000",
]


@pytest.mark.parametrize("path", PUBLIC)
async def test_everyone_may_read_what_is_public(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(f"/fenhe/{path}") as answer:
        assert answer.status == 200
        assert await answer.read() == (node.home.public / path).read_bytes()


@pytest.mark.parametrize("path", [*HELD, *ABSENT_AND_HELD])
async def test_a_stranger_is_told_401_whether_the_file_exists_or_not(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    stranger = SigningKey.from_seed(b"s" * 32)
    for headers in ({}, signed(node, path, Clock(), key=stranger)):
        async with client.get(f"/fenhe/{path}", headers=headers) as answer:
            assert answer.status == 401
            assert answer.content_type == "application/problem+json"
            assert answer.headers["Cache-Control"] == "no-store"
            assert (await answer.json())["code"] in ("request.unsigned", "request.key")


@pytest.mark.parametrize("path", HELD)
async def test_a_trusted_hub_may_read_what_is_held_and_no_cache_keeps_it(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(f"/fenhe/{path}", headers=signed(node, path, Clock())) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"].startswith("private")
        assert await answer.read() == (node.home.held / path).read_bytes()


@pytest.mark.parametrize("path", ABSENT_AND_HELD)
async def test_a_trusted_hub_is_told_404_for_what_is_not_there(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(f"/fenhe/{path}", headers=signed(node, path, Clock())) as answer:
        assert answer.status == 404
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_tier_that_is_not_listed_is_403_for_a_trusted_hub(
    node: Node, aiohttp_client: MakeClient
) -> None:
    fewer = replace(node, config=replace(node.config, hub_tiers=("hub",)))
    client = await aiohttp_client(application(fewer, Clock()))
    path = "catalogue/body/nat/000"
    async with client.get(f"/fenhe/{path}", headers=signed(node, path, Clock())) as answer:
        assert answer.status == 403
        assert (await answer.json())["code"] == "request.tier"


async def test_a_signed_request_opens_only_what_it_was_signed_for_and_only_once(
    node: Node, aiohttp_client: MakeClient
) -> None:
    clock = Clock()
    client = await aiohttp_client(application(node, clock))
    headers = signed(node, "usage/checkpoint", clock)
    statuses = []
    for path in ("usage/body/hub/000", "usage/checkpoint", "usage/checkpoint"):
        async with client.get(f"/fenhe/{path}", headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses == [401, 200, 401]


async def test_an_old_request_is_refused_and_told_the_time_here(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    headers = signed(node, "usage/checkpoint", Clock(NOW - 301))
    async with client.get("/fenhe/usage/checkpoint", headers=headers) as answer:
        assert answer.status == 401
        problem = await answer.json()
    assert problem["code"] == "request.clock"
    assert "2026-11-23T08:00:00+08:00" in problem["expected"]


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "keys/log.seed",
        "config.yaml",
        "catalogue/body/pub/009",
        "..%2Fkeys%2Flog.seed",
        "catalogue/%2e%2e/%2e%2e/keys/log.seed",
    ],
)
async def test_what_is_no_file_of_the_feed_is_absent_and_not_kept_by_caches(
    node: Node, aiohttp_client: MakeClient, path: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(f"/fenhe/{path}") as answer:
        assert answer.status == 404
        assert answer.headers["Cache-Control"] == "no-store"


async def test_an_unchanged_body_file_is_not_sent_again(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/catalogue/body/pub/000") as first:
        etag = first.headers["ETag"]
    async with client.get(
        "/fenhe/catalogue/body/pub/000", headers={"If-None-Match": etag}
    ) as again:
        assert again.status == 304


async def test_a_hub_trusted_while_the_server_runs_is_let_in(
    tmp_path: Path, aiohttp_client: MakeClient
) -> None:
    node, clock = new_node(tmp_path / "late"), Clock()
    client = await aiohttp_client(application(node, clock))
    statuses = []
    for _ in range(2):
        headers = signed(node, "usage/checkpoint", clock)
        async with client.get("/fenhe/usage/checkpoint", headers=headers) as answer:
            statuses.append(answer.status)
        await trust_a_hub(node)
    assert statuses == [401, 200]


def test_the_public_tree_on_a_plain_file_server_holds_no_byte_of_another_tier(node: Node) -> None:
    public = node.home.public
    paths = every_file(public)
    assert not [path for path in paths if path.startswith("usage") or "/hub/" in path]
    with _plain_server(public) as (url, _):
        served = b"".join(urlopen(f"{url}/{path}").read() for path in paths)
    held = b"".join((node.home.held / path).read_bytes() for path in every_file(node.home.held))
    assert MARK.encode() in held
    assert MARK.encode() not in served
    assert b"value_yuan" not in served
    assert b"service_record" not in served


def test_both_logs_have_a_checkpoint(node: Node) -> None:
    trees = {"catalogue": node.home.public, "usage": node.home.held}
    assert all((trees[log] / log / "checkpoint").is_file() for log in LOGS)


class _plain_server:
    """`python -m http.server` on a folder, as a unit might run it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*command, "--directory", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> tuple[str, Any]:
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        port = said.partition("port ")[2].partition(" ")[0]
        return f"http://127.0.0.1:{port}", self._process

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


async def test_nobody_is_waited_for_who_promises_a_content_and_sends_none(
    node: Node, aiohttp_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "PATIENCE_SECONDS", 0.1)
    client = await aiohttp_client(application(node, Clock()))
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"GET /fenhe/usage/checkpoint HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")
    async with asyncio.timeout(60):
        assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
