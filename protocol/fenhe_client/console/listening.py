"""A console's own listener. Start at `answering`."""

import ipaddress
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_protocol.errors import SetupError


@asynccontextmanager
async def answering(
    app: web.Application, host: str, port: int, log: logging.Logger
) -> AsyncIterator[str]:
    """Answer there for as long as this lasts; gives where.

    A port that is taken stops nothing, it is told, and "" is given: what is published must be
    served all the same.
    """
    runner = make_runner(app)
    await runner.setup()
    try:
        yield await _listen(runner, host, port, log)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, log: logging.Logger) -> str:
    try:
        await listen(runner, host, port)
    except SetupError as error:
        log.error("console: %s", error)
        return ""
    found = runner.addresses[0]
    shown = f"[{found[0]}]" if ":" in found[0] else found[0]
    return f"http://{shown}:{found[1]}/"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
