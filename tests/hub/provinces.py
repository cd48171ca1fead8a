"""A hub with two units whose nodes are being served, and a clock that a test moves."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fenhe_client.stored.disk import Disk
from fenhe_hub.fed.round import Published
from fenhe_hub.hub import Hub
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import sync_once
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import enrolled, new_hub


@dataclass
class Province:
    """A hub, its nodes being served, and a clock."""

    hub: Hub
    nodes: list[FakeNode]
    now: int

    async def sync(self, seconds: int = 60) -> list[LogReport]:
        """One round, this much later."""
        reports, _ = await self.sync_and_say(seconds)
        return reports

    async def sync_and_say(
        self, seconds: int = 60, disk: Disk | None = None
    ) -> tuple[list[LogReport], Published]:
        """One round, and what was said of it."""
        self.now += seconds
        return await sync_once(self.hub, clock=lambda: self.now, disk=disk)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What `dump` prints of one table."""
        return [row for row in map(json.loads, self.dump()) if row["table"] == table]

    def dump(self) -> list[bytes]:
        """What `dump` prints."""
        with closing(open_index(self.hub.home.index)) as db:
            return list(dump_index(db))

    def said(self, kind: str) -> dict[str, dict[str, Any]]:
        """The last words of `fed` on each subject of a kind."""
        return {
            row["id"]: json.loads(row["body"]) for row in self.rows("said") if row["kind"] == kind
        }


@asynccontextmanager
async def founded(tmp_path: Path, units: int = 2) -> AsyncIterator[Province]:
    """Serve the nodes and enrol them."""
    hub = new_hub(tmp_path / "hub")
    nodes = [FakeNode(tmp_path / f"u{number}", number) for number in range(1, units + 1)]
    async with AsyncExitStack() as serving:
        for node in nodes:
            await serving.enter_async_context(node.serving())
            await enrolled(hub, node)
        province = Province(hub, nodes, START)
        for node in nodes:
            node.clock = lambda: province.now
        yield province
