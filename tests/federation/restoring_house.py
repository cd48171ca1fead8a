"""A real hub and a real node in one process, and what befalls their disks."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

import fenhe_node.cli
from deploy.demo.ports import free_port
from fenhe_client.fetching.fetch import Web
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.hub import Hub
from fenhe_hub.visiting.workshop import sync_once, system_clock
from fenhe_hub.web.app import make_app as make_hub_app
from fenhe_hub.web.serving import Serving as HubServing
from fenhe_node.hubs.trust import enrol_hub
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import now as system_now
from fenhe_node.publishing.heads import verify_head
from fenhe_node.publishing.publish import Clock, Pen, publish
from fenhe_node.web.app import make_app as make_node_app
from fenhe_node.web.server import make_serving
from fenhe_protocol.schema import SchemaSet
from tests.hub.houses import new_hub
from tests.node.homes import bodies, new_node, put


@dataclass
class Pair:
    """A hub that is being served, a node that is served when the hub comes, and copies of homes."""

    folder: Path
    hub: Hub
    node: Node

    @property
    def home(self) -> Path:
        return self.node.home.path

    def publish(self, *whole: dict[str, Any]) -> int:
        """Sign these records; no ten seconds are waited for."""
        put(self.node, whole)
        return next(iter(publish(self.pen(), SchemaSet.load()).sizes.values()))

    def pen(self) -> Pen:
        """What signs for the node."""
        return late_pen(self.node)

    @asynccontextmanager
    async def served(self, clock: Clock = system_now) -> AsyncIterator[None]:
        """Serve the node's files as they are now."""
        app = make_node_app(make_serving(self.node, dict, clock))
        async with served(app, self.node.config.address):
            yield

    async def sync(self, later: int = 0) -> None:
        def clock() -> int:
            return system_now() + later

        async with self.served(clock):
            reports, _ = await sync_once(self.hub, clock=clock)
        assert all(report.whole and not report.missing for report in reports), reports

    def copy(self, name: str) -> Path:
        """A backup as the manual says: everything but the store of heads."""
        target = self.folder / name
        shutil.copytree(self.home, target, ignore=shutil.ignore_patterns("head.sqlite", "*.lock"))
        return target

    def lose(self, backup: Path) -> None:
        """The disk is gone, and the backup takes its place."""
        shutil.rmtree(self.home)
        shutil.copytree(backup, self.home)

    async def run(self, *command: str) -> int:
        """Give a command of the node, and open its home again; the exit code."""
        arguments = ["--home", str(self.home), *command]
        code = await asyncio.to_thread(fenhe_node.cli.main, arguments)
        self.node = open_node(self.home)
        return code

    async def restore(self, *more: str) -> int:
        return await self.run("restore", *more)

    def size(self) -> int:
        return verify_head(self.node.home, self.node.root, "catalogue").size


def names(node: Node, tier: str = "pub") -> dict[str, str]:
    """What the instruments in a node's catalogue say they are for, by id."""
    return {
        body["id"]: body.get("function", "")
        for body in bodies(node, "catalogue", tier, 1000)
        if body["kind"] == "instrument"
    }


def late_pen(node: Node) -> Pen:
    """What signs an hour later than now, so that nothing else waits for it."""
    late = system_now() + 3600
    return node.pen(lambda: late, lambda seconds: None, lambda what, done, total: None)


@asynccontextmanager
async def served(app: web.Application, url: str) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(url.rpartition(":")[2])).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def paired(tmp_path: Path) -> AsyncIterator[Pair]:
    """A hub that is being served and a node that it has enrolled."""
    hub = new_hub(tmp_path / "hub")
    node = new_node(tmp_path / "home", url=f"http://127.0.0.1:{free_port()}")
    serving = HubServing(hub, now=system_clock)
    async with served(make_hub_app(serving), hub.config.public_url), Web() as reader:
        await enrol_hub(reader, node.home, hub.config.public_url, hub.fingerprint, system_now())
        app = make_node_app(make_serving(node, dict, system_now))
        async with served(app, node.config.address):
            await enrol_unit(hub, node.config.address, node.fingerprint, allow_private=True)
        yield Pair(tmp_path, hub, node)
