"""Hubs above hubs for tests: every hub and every node is served on a port of its own.

async with federation(tmp_path) as made:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    await made.enrol(province, county)
    await made.settle()             # one round of every hub, the lowest first
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from deploy.demo.ports import free_port
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.listening import make_runner
from fenhe_hub.config import ReaderSettings
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.desk.standing import register_as
from fenhe_hub.fed.round import Published
from fenhe_hub.hub import Hub
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.setup import init_hub
from fenhe_hub.registry.above import trust_hub
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import publish_owed, sync_once
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.request import sign_request
from tests.client.power_cut import QuickDisk
from tests.hub.fake_node import START, FakeNode, instrument
from tests.hub.houses import enrolled

AUDITOR = SigningKey.from_seed(bytes([91]) * 32)  # a reader whom every hub lets read all


@dataclass
class Level:
    """One hub of the federation, being served."""

    hub: Hub
    made: "Federation"

    @property
    def url(self) -> str:
        return self.hub.config.public_url

    async def sync(self) -> tuple[list[LogReport], Published]:
        """One round, a minute later."""
        self.made.now += 60
        return await sync_once(self.hub, clock=lambda: self.made.now, disk=QuickDisk())

    async def register(self, origin: str, state: str) -> None:
        """As the operator's commands do."""
        register_as(self.hub, origin, state, "示例原因", [], self.made.now)
        self.made.now += 60
        await publish_owed(self.hub, lambda: self.made.now, QuickDisk())

    def dump(self) -> list[bytes]:
        """What `dump` prints."""
        with closing(open_index(self.hub.home.index)) as db:
            return list(dump_index(db))

    def rows(self, table: str) -> list[dict[str, Any]]:
        return [row for row in map(json.loads, self.dump()) if row["table"] == table]

    def said(self, kind: str) -> dict[str, dict[str, Any]]:
        """Its last words on each subject of a kind."""
        return {
            row["id"]: json.loads(row["body"]) for row in self.rows("said") if row["kind"] == kind
        }

    def records(self) -> set[tuple[str, str]]:
        """(unit origin, id) of the instruments that it knows."""
        origins = {row["unit_no"]: row["origin"] for row in self.rows("unit")}
        return {
            (origins[row["unit_no"]], row["id"])
            for row in self.rows("resource")
            if row["kind"] == "instrument" and row["deleted_on"] is None
        }

    async def get(self, path: str) -> Any:
        """What it answers to everyone: JSON, or the status of what is none."""
        async with self.made.session.get(f"{self.url}{path}") as response:
            told = response.status == 200 and "json" in response.content_type
            return await response.json() if told else response.status

    async def read(self, path: str) -> tuple[int, bytes]:
        """What it answers to an enrolled reader: status and bytes."""
        self.made.asked += 1
        uri, nonce = f"{self.url}/{path}", self.made.asked.to_bytes(16)
        headers = sign_request(
            method="GET", uri=uri, body=None, key=AUDITOR, now=self.made.now, nonce=nonce
        )
        async with self.made.session.get(uri, headers=headers) as response:
            return response.status, await response.read()

    async def found(self) -> set[tuple[str, str]]:
        """(code, id) of all records that its search shows."""
        page = await self.get("/api/v1/resources?limit=100")
        return {(each["unit"], each["id"]) for each in page["items"]}


@dataclass
class Federation:
    """Hubs and nodes, and the clock of all of them."""

    folder: Path
    serving: AsyncExitStack
    session: ClientSession
    now: int = START
    hubs: list[Level] = field(default_factory=list)
    nodes: list[FakeNode] = field(default_factory=list)
    asked: int = 0

    async def hub(self, name: str) -> Level:
        """Make a hub and serve it; made first, it lies lowest."""
        number, url = len(self.hubs), f"http://127.0.0.1:{free_port()}"
        code = f"1214000000099{number:04}"
        hub = init_hub(
            self.folder / name,
            f"{name}.example/fenhe",
            url,
            code + uscc_check_character(code),
            now=START,
        )
        auditor = ReaderSettings("auditor", b64_encode(AUDITOR.public), ("hub", "nat"))
        config = replace(hub.config, publish_seconds=0, advise_seconds=0, readers=(auditor,))
        hub = replace(hub, config=config)
        level = Level(hub, self)
        self.hubs.append(level)
        await self._serve(level)
        return level

    async def _serve(self, level: Level) -> None:
        open_index(level.hub.home.index).close()
        runner = make_runner(make_app(Serving(level.hub, now=lambda: self.now)))
        await runner.setup()
        self.serving.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", int(level.url.rpartition(":")[2])).start()

    async def node(self, *hubs: Level) -> FakeNode:
        """Make a node, serve it and enrol it at these hubs."""
        number = len(self.nodes) + 1
        node = FakeNode(self.folder / f"u{number}", number)
        node.clock = lambda: self.now
        self.nodes.append(node)
        await self.serving.enter_async_context(node.serving())
        for level in hubs:
            await enrolled(level.hub, node)
        return node

    async def enrol(self, upper: Level, lower: Level, *, trusted: bool = True) -> Enrolment:
        """Let one hub read another, and, if `trusted`, what is held there too."""
        if trusted:
            async with Web() as opened:
                await trust_hub(opened, lower.hub.home, upper.url, upper.hub.fingerprint)
        return await enrol_unit(upper.hub, lower.url, lower.hub.fingerprint, allow_private=True)

    async def settle(self) -> None:
        """One round of every hub, the lowest first."""
        for level in self.hubs:
            await level.sync()


@asynccontextmanager
async def federation(folder: Path) -> AsyncIterator[Federation]:
    async with AsyncExitStack() as serving, ClientSession() as session:
        yield Federation(folder, serving, session)


async def two_levels(made: Federation) -> tuple[Level, Level, FakeNode]:
    """County and province, and a unit that comes to the province by the county alone."""
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    await county.sync()
    await made.enrol(province, county)
    await province.sync()
    return county, province, node
