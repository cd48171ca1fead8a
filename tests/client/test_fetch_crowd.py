"""Who drips holds up nobody else: a reader's connections suffice for all visits under way."""

import asyncio
from contextlib import AsyncExitStack, suppress

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web, required
from fenhe_protocol.errors import FenheError
from fenhe_protocol.limits import Limits
from tests.client.servers import always, answer, serving

HOSTS, EACH = 40, 8  # more connections than were enough once
LIMITS = Limits(connect_seconds=20.0, idle_seconds=20.0, visit_seconds=60.0)


async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
    """Answer, fast enough to be borne, and never come to an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n")
    with suppress(ConnectionError):
        while True:
            writer.write(b"." * 8192)
            await writer.drain()
            await asyncio.sleep(0.5)


async def test_an_honest_publisher_is_read_while_forty_drip_at_once() -> None:
    async with AsyncExitStack() as held:
        web = await held.enter_async_context(Web(LIMITS))
        slow = [await held.enter_async_context(serving(drip)) for _ in range(HOSTS)]
        honest = await held.enter_async_context(serving(always(answer(b"here"))))
        drops = [
            asyncio.ensure_future(required(visit, "body", limit=10_000_000))
            for visit in (web.open(base, reach=PRIVATE_TOO) for base in slow)
            for _ in range(EACH)
        ]
        try:
            await asyncio.wait(drops, timeout=1)
            assert not any(each.done() for each in drops)
            fetcher = web.open(honest, reach=PRIVATE_TOO)
            assert await required(fetcher, "checkpoint", limit=10) == b"here"
        finally:
            for each in drops:
                each.cancel()
            with suppress(FenheError):
                await asyncio.gather(*drops, return_exceptions=True)
