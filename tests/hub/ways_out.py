"""Every way on which somebody meets what a unit published at a hub, tried one after another.

met = await ways_out(level, node, reader, "A-1")     # {"search": True, "page": True, …}
"""

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Fetcher, Web
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.check import run_check
from fenhe_hub.upstream.forwarding import refresh
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.forwarded import parse_forwarded
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.schema import SchemaSet
from tests.hub.fake_node import FakeNode
from tests.hub.gateway_house import SCOPE
from tests.hub.levels import Level

JSON = "api/v1"


@dataclass
class Reader:
    """Somebody who follows a hub's `fed` and drops what it says is not shown any more."""

    level: Level
    folder: Path
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    async def follow(self) -> None:
        """Go on from where it was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lines: list[dict[str, Any]] = []
        problems: list[Exception] = []
        async with Web() as web:

            def open_below(path: str) -> Fetcher:
                return web.open(f"{self.level.url}/{path}".rstrip("/"), reach=PRIVATE_TOO)

            path = self.folder / "cursor.json"
            start = Cursor(self.level.url, self.level.hub.fingerprint)
            hub = HubAddress(open_below, allow_loopback_http=True)
            follower = Follower(hub, path, Cursor.load(path) or start, SchemaSet.load())
            await follower.once(Outlet(lines.extend, problems.append), self.level.made.now)
        assert not problems
        for line in lines:
            self._take(line)

    def _take(self, line: dict[str, Any]) -> None:
        origin: str = line["origin"]
        if "body" in line:
            self.kept[origin.rpartition("/")[0], line["id"]] = line["body"]
        elif line.get("state") not in (None, "enrolled"):
            self.kept = {key: body for key, body in self.kept.items() if key[0] != origin}


async def ways_out(level: Level, node: FakeNode, reader: Reader, id_: str) -> dict[str, bool]:
    """Whether a record is met on each way."""
    await reader.follow()
    run_check(level.hub, level.made.now)
    record = f"{node.uscc}/instrument/{id_}"
    catalogue = f"{node.origin}/catalogue"
    mirror = f"m/{origin_hash(catalogue)}"
    index = f"origin={catalogue}&index=0"
    return {
        "search page": f"r/{record}" in await _text(level, f"search?unit={node.uscc}"),
        "findings page": f"r/{record}" in await _text(level, f"findings?state=all&q={id_}"),
        "unit's page": id_ in await _text(level, f"u/{node.uscc}"),
        "record's page": await _status(level, f"r/{record}") == 200,
        "search": (node.uscc, id_) in await level.found(),
        "resource": await _status(level, f"{JSON}/resources/{record}") == 200,
        "records": await _has(level, f"{JSON}/records?unit={node.uscc}", "items"),
        "findings": await _has(level, f"{JSON}/findings?state=all&unit={node.uscc}", "items"),
        "changes": await _changed(level, node),
        "proof": await _status(level, f"{JSON}/proof?{index}") == 200,
        "verify": await _status(level, f"{JSON}/verify?{index}") == 200,
        "sheet": id_ in await _text(level, f"{JSON}/resources?format=csv&unit={node.uscc}"),
        "mirror": await _status(level, f"{mirror}/body/pub/000") == 200,
        "fed": (node.origin, id_) in reader.kept,
        "outbox": _is_in_outbox(level, node, id_),
        "gateway": await _is_forwarded(level, node),
    }


async def _status(level: Level, path: str) -> int:
    async with level.made.session.get(f"{level.url}/{path}") as response:
        return response.status


async def _text(level: Level, path: str) -> str:
    async with level.made.session.get(f"{level.url}/{path}") as response:
        return await response.text()


async def _has(level: Level, path: str, member: str) -> bool:
    answer = await level.get(f"/{path}")
    return not isinstance(answer, int) and bool(answer[member])


async def _changed(level: Level, node: FakeNode) -> bool:
    """Whether who reads all changes from the first meets a body of the unit."""
    cursor, met = "0", False
    while True:
        answer = await level.get(f"/{JSON}/changes?cursor={cursor}")
        met = met or any(
            each["type"] == "record" and each["unit"] == node.uscc for each in answer["items"]
        )
        if not answer["more"]:
            return met
        cursor = answer["cursor"]


def _is_in_outbox(level: Level, node: FakeNode, id_: str) -> bool:
    home = level.hub.home
    with closing(open_index(home.index)) as db, closing(OutboxStore(home.outbox)) as outbox:
        refresh(db, outbox, SCOPE, approval=False)
        keys = {(item.candidate.uscc, item.candidate.record_id) for item in outbox.items()}
    return (node.uscc, id_) in keys


async def _is_forwarded(level: Level, node: FakeNode) -> bool:
    """Whether a gateway is told how the unit's instruments stand."""
    status, raw = await level.read("forwarded")
    assert status == 200
    return any(standing.uscc == node.uscc for standing in parse_forwarded(raw))
