from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from fenhe_node.node import Node
from fenhe_node.runs import GRACE_SECONDS, Run
from tests.node.homes import NOW, Clock, instrument, new_node, publish_all, put, service
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(node, [instrument("A-1"), service("S-1"), service("S-2"), service("S-3")])
    publish_all(node, Clock())
    return node


async def health(
    node: Node, make: MakeClient, runs: Mapping[str, Run] | None = None
) -> tuple[int, Any]:
    client = await make(application(node, Clock(), runs))
    async with client.get("/healthz") as answer:
        return answer.status, (await answer.json())["reasons"]


async def test_a_whole_node_is_healthy(node: Node, aiohttp_client: MakeClient) -> None:
    assert await health(node, aiohttp_client) == (200, [])


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("public/catalogue/tile/0/000.p/2", "catalogue: tree.root"),
        ("public/catalogue/checkpoint", "catalogue: note.signature"),
        ("held/usage/tile/0/000.p/3", "usage: tree.root"),
        ("public/root/1", "root: note.signature"),
    ],
)
async def test_one_changed_byte_of_what_is_signed_is_seen(
    node: Node, aiohttp_client: MakeClient, file: str, reason: str
) -> None:
    path = node.home.path / file
    raw = bytearray(path.read_bytes())
    # The last character of a base64 line may carry unused bits, so one before it is changed.
    raw[-6] = raw[-6] ^ 1 if raw[-6] != ord("9") else ord("8")
    path.write_bytes(raw)
    status, reasons = await health(node, aiohttp_client)
    assert status == 503
    assert reasons[0].startswith(reason.partition(".")[0])


async def test_a_disk_that_fills_is_told_before_it_is_full(
    node: Node, aiohttp_client: MakeClient
) -> None:
    more_than_any_disk = replace(node.config, least_free_mib=10**12)
    status, (reason,) = await health(replace(node, config=more_than_any_disk), aiohttp_client)
    assert (status, reason.endswith("MiB free")) == (503, True)


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        (Run(next=NOW - GRACE_SECONDS - 1), "missed: publish"),
        (Run(next=NOW + 60, failed="store.failed: …", failures=1), "failed: publish"),
    ],
)
async def test_a_schedule_that_stopped_is_not_silent(
    node: Node, aiohttp_client: MakeClient, run: Run, reason: str
) -> None:
    assert await health(node, aiohttp_client, {"publish": run}) == (503, [reason])


async def test_a_job_that_is_merely_due_is_no_reason(
    node: Node, aiohttp_client: MakeClient
) -> None:
    runs = {"publish": Run(next=NOW - GRACE_SECONDS)}
    assert await health(node, aiohttp_client, runs) == (200, [])


async def test_metrics_say_nothing_of_the_usage_log(node: Node, aiohttp_client: MakeClient) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get("/fenhe/metrics") as answer:
        text = await answer.text()
    assert "fenhe_node_catalogue_leaves 2.0" in text
    assert 'fenhe_node_catalogue_records{kind="instrument"} 1.0' in text
    assert "fenhe_node_healthy 1.0" in text
    assert "usage" not in text and "service_record" not in text
