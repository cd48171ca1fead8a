"""A server waits for nobody without end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from fenhe_client.fetching.listening import listen, make_runner

PATIENCE = 60  # seconds after which the test fails: a server that never hangs up


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text="here")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = make_runner(app, idle_seconds=0.2)
    await runner.setup()
    try:
        await listen(runner, "127.0.0.1", 0)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"])
async def test_whoever_sends_half_a_head_byte_by_byte_is_cut_off(port: int, first: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    answers = asyncio.ensure_future(reader.read())
    async with asyncio.timeout(PATIENCE):
        while not answers.done():
            with suppress(ConnectionError):
                writer.write(b"G" if writer.get_extra_info("peername") else b"")
                await writer.drain()
            await asyncio.wait([answers], timeout=0.05)
    with suppress(ConnectionError):
        assert (await answers).count(b"here") == bool(first)
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
