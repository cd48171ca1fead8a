"""What a request carries is read at a pace: who trickles is cut off, and holds up nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from aiohttp.test_utils import TestServer

from fenhe_hub.web.content import whole_of
from fenhe_hub.web.problems import answer_errors
from fenhe_protocol.limits import Limits

LIMITS = Limits(idle_seconds=0.2, visit_seconds=5.0, least_bytes_per_second=1000)


@asynccontextmanager
async def reading(most: int = 10_000) -> AsyncIterator[int]:
    """A server that reads what it is sent, and says how much that was; its port."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await whole_of(request, LIMITS, most))))

    app = web.Application(middlewares=[answer_errors])
    app.router.add_post("/", handle)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port


async def sent(port: int, pieces: list[bytes], pause: float) -> tuple[bytes, int]:
    """The status line of the answer, and how many pieces had been sent when it came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = sum(map(len, pieces))
    writer.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size)
    count = 0
    answer = asyncio.ensure_future(reader.readline())
    for piece in pieces:
        count += 1
        with suppress(ConnectionError):
            writer.write(piece)
            await writer.drain()
        if (await asyncio.wait([answer], timeout=pause))[0]:
            break
    status = await answer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return status, count


async def test_who_sends_a_byte_now_and_then_is_cut_off() -> None:
    async with reading() as port:
        status, count = await sent(port, [b"x"] * 60, 0.05)
    assert status.startswith(b"HTTP/1.1 400 ") and count < 60


async def test_who_comes_at_the_least_pace_is_read_to_the_end() -> None:
    async with reading() as port:
        status, count = await sent(port, [b"x" * 100] * 8, 0.05)
    assert status.startswith(b"HTTP/1.1 200 ") and count == 8
