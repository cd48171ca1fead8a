"""Servers that misbehave on request: real sockets on loopback, written by hand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Answer, Signer, Web
from fenhe_protocol.limits import Limits

Respond = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
QUICK = Limits(connect_seconds=1.0, idle_seconds=0.3, visit_seconds=2.0)


@asynccontextmanager
async def serving(respond: Respond, tls: SSLContext | None = None) -> AsyncIterator[str]:
    """Serve each request with `respond(request head, writer)`, then close the connection."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await respond(await reader.readuntil(b"\r\n\r\n"), writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


def always(*pieces: bytes, pause: float = 0.0, hang: float = 0.0) -> Respond:
    """Answer with these bytes, pausing between the pieces and holding the line after the last."""

    async def respond(_: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        await asyncio.sleep(hang)

    return respond


def answer(body: bytes, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """The bytes of a whole HTTP answer, with a Content-Length that may lie."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def fetch(
    respond: Respond,
    *,
    limit: int = 10_000,
    limits: Limits = QUICK,
    etag: str = "",
    fresh: bool = False,
    signer: Signer | None = None,
) -> Answer:
    """Fetch one file from a server that answers so."""
    async with serving(respond) as base, Web(limits) as web:
        fetcher = web.open(base, reach=PRIVATE_TOO, signer=signer)
        return await fetcher.get("checkpoint", limit=limit, etag=etag, fresh=fresh)
