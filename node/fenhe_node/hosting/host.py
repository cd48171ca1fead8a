"""All homes of a folder served by one process, until it is told to stop. Start at `host`."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from fenhe_client.fetching.listening import listen as listen_at
from fenhe_node.hosting.front import Front
from fenhe_node.hosting.homes import homes_in
from fenhe_node.hosting.naming import Named
from fenhe_node.hosting.tenant import RETRY_SECONDS, Tenant
from fenhe_protocol.errors import SetupError

Started = Callable[[str, int], None]  # host and port on which it listens
Clock = Callable[[], int]
log = logging.getLogger("fenhe.node")


async def host(
    folder: Path,
    listen: tuple[str, int],
    now: Clock,
    started: Started,
    *,
    retry_seconds: float = RETRY_SECONDS,
) -> None:
    """Serve until SIGTERM or SIGINT; homes that are made meanwhile are taken in too."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(Named())
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    front = Front()
    runner = front.runner()
    await runner.setup()
    living: dict[str, asyncio.Task[None]] = {}
    try:
        await listen_at(runner, *listen)
        started(*runner.addresses[0][:2])
        while not stop.is_set():
            _take_in(folder, living, front, now, retry_seconds)
            await _first(stop, retry_seconds)
    finally:
        for task in living.values():
            task.cancel()
        await asyncio.gather(*living.values(), return_exceptions=True)
        await runner.cleanup()


def _take_in(
    folder: Path,
    living: dict[str, "asyncio.Task[None]"],
    front: Front,
    now: Clock,
    retry_seconds: float,
) -> None:
    try:
        found = homes_in(folder)
    except SetupError as error:
        log.error("%s", error)  # a folder that is away for a while takes no home away
        return
    for name, path in found.items():
        if name not in living:
            tenant = Tenant(name, path, front, now, retry_seconds)
            living[name] = asyncio.create_task(tenant.live())


async def _first(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
