"""Two processes on one home at once: they take turns, and everything is there just once.

That a second server is refused stands with the commands of each program.
"""

import asyncio
import time
from pathlib import Path

from fenhe_node.node import open_node
from fenhe_node.publishing.heads import verify_head
from fenhe_node.publishing.publish import publish
from fenhe_protocol.schema import SchemaSet
from tests.federation.dying import sync_hub
from tests.federation.restoring_house import paired
from tests.forked import Forked
from tests.node.homes import bodies, instrument, new_node, put

AT_ONCE = 3


def publish_all(home: Path, later: int) -> None:
    node = open_node(home)
    at = int(time.time()) + later
    pen = node.pen(lambda: at, lambda seconds: None, lambda what, done, total: None)
    publish(pen, SchemaSet.load())


async def ends(processes: list[Forked]) -> list[int]:
    return [await asyncio.to_thread(each.wait) for each in processes]


async def test_publishes_at_once_sign_every_record_once(tmp_path: Path) -> None:
    node = new_node(tmp_path / "home")
    put(node, [instrument(f"A-{n}") for n in range(60)])
    started = [Forked(publish_all, node.home.path, n) for n in range(AT_ONCE)]
    assert await ends(started) == [0] * AT_ONCE
    size = verify_head(node.home, node.root, "catalogue").size
    said = [body["id"] for body in bodies(node, "catalogue", "pub", size)]
    assert len(said) == len({*said}) == size == 61


async def test_rounds_at_once_bring_and_cosign_everything_once(tmp_path: Path) -> None:
    async with paired(tmp_path) as pair:
        pair.publish(*(instrument(f"A-{n}") for n in range(60)))
        async with pair.served():
            started = [Forked(sync_hub, pair.hub.home.path, 0) for _ in range(AT_ONCE)]
            assert await ends(started) == [0] * AT_ONCE
        await pair.sync(60)
