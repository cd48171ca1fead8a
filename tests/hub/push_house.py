"""A hub where one unit pushes and another is visited, for the tests of pushing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from fenhe_hub.config import HubConfig
from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.visiting.workshop import publish_owed
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import new_hub, served
from tests.hub.provinces import Province
from tests.hub.pusher import Pusher

NOW = START + 600


@asynccontextmanager
async def pushing(
    tmp_path: Path, node: FakeNode, **settings: object
) -> AsyncIterator[tuple[Province, Pusher]]:
    """A served hub where the node is enrolled by its root document, and never answers itself."""
    hub = new_hub(tmp_path / "pushed")
    config: HubConfig = replace(hub.config, **settings)  # type: ignore[arg-type]
    hub = replace(hub, config=config)
    enrol_pushing(hub, node.read("root", "root/1"), node.fingerprint)
    await publish_owed(hub, lambda: NOW)
    async with served(hub, NOW) as visitor:
        yield Province(hub, [node], NOW), Pusher(node, hub, visitor.session, NOW)
