"""An answer of the national platform is whole, within its bounds, or a fault."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import requests
from aiohttp import web

from fenhe_hub.upstream.bounded_session import BoundedSession


async def _drip(request: web.Request) -> web.StreamResponse:
    """A byte now and then of an answer whose length was told."""
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    await response.prepare(request)
    with suppress(ConnectionError):
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.05)
    return response


async def _bomb(request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress(bytes(1 << 20)), headers={"Content-Encoding": "gzip"})


async def _short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "10"})
    await response.prepare(request)
    await response.write(b"12345")
    assert request.transport is not None
    request.transport.close()
    return response


async def _whole(request: web.Request) -> web.Response:
    return web.Response(text="一" * 1000)


@pytest.fixture
async def address() -> AsyncIterator[str]:
    app = web.Application()
    for answer in (_drip, _bomb, _short, _whole):
        app.router.add_get(f"/{answer.__name__}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("path", ["_drip", "_bomb", "_short"])
async def test_what_never_ends_or_is_cut_is_a_fault(path: str, address: str) -> None:
    with BoundedSession(0.3, most=10_000) as session, pytest.raises(requests.RequestException):
        await asyncio.to_thread(session.get, f"{address}/{path}", timeout=5)


async def test_a_whole_answer_is_given(address: str) -> None:
    with BoundedSession(5, most=10_000) as session:
        answer = await asyncio.to_thread(session.get, f"{address}/_whole", timeout=5)
    assert answer.content.decode() == answer.text == "一" * 1000
