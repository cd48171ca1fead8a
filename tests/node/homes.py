"""Real homes of plainly fictitious units, and a clock that only moves when it is told."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fenhe_node.chores import Chores
from fenhe_node.founding import Founder, found
from fenhe_node.importing.intake import digest
from fenhe_node.node import Node, open_node
from fenhe_node.publishing.heads import log_files
from fenhe_node.publishing.publish import Pen, Published, publish
from fenhe_node.store import Store, records
from fenhe_node.store.records import StoredRecord
from fenhe_protocol.body import BodyLine, read_body_file
from fenhe_protocol.schema import SchemaSet
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import blocks_between, body_path

NOW = 1_795_392_000  # 2026-11-23T08:00:00+08:00
UNIT = "12140000000000019W"
ORIGIN = "u1.example/fenhe"
Record = Mapping[str, Any]


class Clock:
    """POSIX seconds; waiting is what makes them pass."""

    def __init__(self, at: int = NOW) -> None:
        self.at = at
        self.waited: list[int] = []

    def now(self) -> int:
        return self.at

    def wait(self, seconds: int) -> None:
        self.waited.append(seconds)
        self.at += seconds


def new_node(path: Path, *, url: str = "https://u1.example/fenhe", name: str = "示例大学") -> Node:
    found(path, Founder(name, UNIT, ORIGIN, url), NOW)
    return open_node(path)


def pen(node: Node, clock: Clock) -> Pen:
    return node.pen(clock.now, clock.wait, lambda what, done, total: None)


def instrument(id: str, **fields: Any) -> dict[str, Any]:
    return {
        "unit": UNIT,
        "kind": "instrument",
        "id": id,
        "name_zh": "核磁共振波谱仪",
        "status": "normal",
    } | fields


def service(id: str, **fields: Any) -> dict[str, Any]:
    return {
        "unit": UNIT,
        "kind": "service_record",
        "id": id,
        "instrument": "A-1",
        "started_at": "2026-11-01T08:00:00+08:00",
        "ended_at": "2026-11-01T10:00:00+08:00",
        "effective_minutes": 110,
    } | fields


def put(node: Node, whole: Iterable[Record], *, at: int = NOW) -> None:
    """Keep records as an import would."""
    schemas = SchemaSet.load()
    with Store.open(node.home.store) as store, store.transaction():
        records.put(
            store,
            [StoredRecord(r["kind"], r["id"], r, digest(schemas, r["kind"], r), at) for r in whole],
        )


def publish_all(node: Node, clock: Clock) -> Published:
    return publish(pen(node, clock), SchemaSet.load())


def publish_long_ago(node: Node) -> None:
    """Publish half an hour ago by the real clock, and show the first life."""
    publish_all(node, Clock(int(time.time()) - 1900))
    show_life(node)


def show_life(node: Node) -> None:
    """Show the first life, half an hour ago by the real clock, as another leaf.

    None is due then while a test runs, and the next publish has not to wait for its ten seconds.
    """
    asyncio.run(Chores(node, pen(node, Clock(int(time.time()) - 1800))).show_life())


def lines(node: Node, log: str, tier: str, size: int) -> list[BodyLine]:
    """All body lines of a tier below `size`."""
    files = log_files(node.home, log)
    found: list[BodyLine] = []
    for block in blocks_between(0, size):
        raw = files.read(body_path(tier, block))
        if raw is not None:
            read, ended_early = read_body_file(raw, block)
            assert not ended_early
            found += read
    return found


def bodies(node: Node, log: str, tier: str, size: int) -> list[dict[str, Any]]:
    return [loads(line.body) for line in lines(node, log, tier, size)]
