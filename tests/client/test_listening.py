"""A server waits for nobody without end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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


async def here(request: web.Request) -> web.StreamResponse:
    return web.Response(text="here")


async def without_end(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(1 << 16))


@asynccontextmanager
async def narrow() -> AsyncIterator[int]:
    """A server with room for eight; its port."""
    app = web.Application()
    app.add_routes([web.get("/", here), web.get("/without-end", without_end)])
    runner = make_runner(app, most=8)
    await runner.setup()
    try:
        await listen(runner, "127.0.0.1", 0)
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def crowd(port: int, said: bytes) -> list[socket.socket]:
    """Seven times as many at once as there is room for, who say this and no more.

    Fewer than wait to be accepted: beyond those a connection is tried again after a second.
    """
    sockets = [socket.create_connection(("127.0.0.1", port), PATIENCE) for _ in range(60)]
    for each in sockets:
        with suppress(ConnectionError):
            each.sendall(said)
    return sockets


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as asking:
        asking.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: asking.recv(1 << 16), b""))


def ends(connection: socket.socket) -> bool:
    """Read what was sent there: it must end."""
    with connection, suppress(ConnectionError):
        while connection.recv(1 << 16):
            pass
    return True


SAID = [
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"GET /without-end HTTP/1.0\r\n\r\n",
]


@pytest.mark.parametrize("said", SAID)
async def test_a_crowd_keeps_nobody_out(said: bytes) -> None:
    async with narrow() as port, asyncio.timeout(PATIENCE):
        sockets = await asyncio.to_thread(crowd, port, said)
        try:
            assert b"here" in await asyncio.to_thread(ask, port)
            for each in sockets[:-8]:
                assert await asyncio.to_thread(ends, each)
        finally:
            for each in sockets:
                each.close()
