"""One home of several, for as long as it lives: its lock, its jobs, its console, its door.

Whatever goes wrong with it is told and tried again after a minute. Start at `Tenant.live`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from fenhe_node.chores import chores
from fenhe_node.console.listening import listening
from fenhe_node.erasing.for_good import finish
from fenhe_node.home import serving
from fenhe_node.hosting.doors import place_of
from fenhe_node.hosting.front import Door, Front
from fenhe_node.hosting.naming import speaking_of
from fenhe_node.jobs import Jobs
from fenhe_node.node import Node, open_node
from fenhe_node.publishing.publish import recover
from fenhe_node.soap.listening import taking_calls
from fenhe_node.web.app import make_app
from fenhe_node.web.server import make_serving
from fenhe_node.web.site_jobs import site_jobs
from fenhe_protocol.errors import FenheError
from fenhe_protocol.schema import SchemaSet

log = logging.getLogger("fenhe.node")
RETRY_SECONDS = 60.0
Clock = Callable[[], int]


class Tenant:
    """One home behind a front."""

    def __init__(
        self, name: str, path: Path, front: Front, now: Clock, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self.name, self._path, self._front, self._now = name, path, front, now
        self._retry_seconds = retry_seconds

    async def live(self) -> None:
        """Serve it until cancelled; a failure ends one life and not the next."""
        with speaking_of(self.name):
            while True:
                try:
                    await self._live_once()
                except FenheError as error:
                    self._fail(str(error))
                except Exception as error:
                    log.exception("not served")
                    self._fail(type(error).__name__)
                await asyncio.sleep(self._retry_seconds)

    def _fail(self, why: str) -> None:
        if self._front.broken.get(self.name) != why:
            log.error("not served: %s", why)
        self._front.broken[self.name] = why

    async def _live_once(self) -> None:
        node = await asyncio.to_thread(open_node, self._path)
        with serving(node.home):
            pen = node.pen(self._now, time.sleep, lambda what, done, total: None)
            await asyncio.to_thread(recover, pen)
            await asyncio.to_thread(finish, pen, SchemaSet.load())
            work = [*chores(node, pen), *site_jobs(node, self._now)]
            jobs = Jobs(node.home.runs, work, self._now)
            async with self._answering(node, jobs):
                self._front.broken.pop(self.name, None)
                log.info("serving %s", node.config.address)
                await jobs.run()

    @asynccontextmanager
    async def _answering(self, node: Node, jobs: Jobs) -> AsyncIterator[None]:
        """Its public door, and its own console and intake beside it."""
        async with AsyncExitStack() as stack:
            console = node.config.console
            await stack.enter_async_context(listening(node, console, lambda: jobs.runs, self._now))
            await stack.enter_async_context(taking_calls(node, self._now))
            app = make_app(make_serving(node, lambda: jobs.runs, self._now))
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            if runner.server is None:
                raise RuntimeError("an application that is set up has a server")
            door = Door(self.name, runner.server)
            self._front.open(door, map(place_of, (node.config.address, *node.former)))
            stack.callback(self._front.close, door)
            yield
