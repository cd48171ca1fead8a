"""A hub in a folder, for tests: opened, and served on a port of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import ClientResponse, ClientSession, web

from deploy.demo.ports import free_port
from fenhe_client.fetching.listening import make_runner
from fenhe_client.stored.disk import Disk
from fenhe_hub.desk.enrolling import enrol_unit
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.operations.setup import init_hub
from fenhe_hub.push.reception import Reception
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from fenhe_protocol.identifiers import uscc_check_character
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.request import sign_request
from tests.hub.fake_node import START, FakeNode

HUB_ORIGIN = "hub.example/fenhe"
HUB_USCC = "12140000000009999" + uscc_check_character("12140000000009999")


def new_hub(folder: Path, port: int | None = None) -> Hub:
    """A fresh hub that publishes as often as a test wants."""
    url = f"http://127.0.0.1:{port or free_port()}"
    hub = init_hub(folder, HUB_ORIGIN, url, HUB_USCC, now=START)
    return replace(hub, config=replace(hub.config, publish_seconds=0, advise_seconds=0))


def reopened(hub: Hub, home: Path | None = None) -> Hub:
    """The same hub as another process finds it, there or in a copy of its home."""
    return replace(open_hub(home or hub.home.path), config=hub.config)


async def enrolled(hub: Hub, node: FakeNode) -> Enrolment:
    """Enrol a node that is being served, and let it trust the hub."""
    node.trust(hub.keys.request.public)
    return await enrol_unit(hub, node.url, node.fingerprint, allow_private=True)


@dataclass
class Visitor:
    """Asks a served hub, signed or not."""

    hub: Hub
    session: ClientSession
    serving: Serving
    now: int = START
    _asked: int = 0

    async def get(self, path: str, key: SigningKey | None = None, etag: str = "") -> ClientResponse:
        """GET one address below the hub's."""
        headers = {"If-None-Match": etag} if etag else {}
        if key is not None:
            headers |= self.signed(path, key)
        response = await self.session.get(self._uri(path), headers=headers)
        await response.read()
        return response

    def signed(self, path: str, key: SigningKey) -> dict[str, str]:
        """The headers of a signed GET."""
        self._asked += 1
        return sign_request(
            method="GET",
            uri=self._uri(path),
            body=None,
            key=key,
            now=self.now,
            nonce=self._asked.to_bytes(16),
        )

    def _uri(self, path: str) -> str:
        return f"{self.hub.config.public_url}/{path}"


@asynccontextmanager
async def served(hub: Hub, now: int = START, disk: Disk | None = None) -> AsyncIterator[Visitor]:
    """Serve the hub at its public address; pushes are written to `disk`."""
    serving = Serving(hub, now=lambda: now)
    serving.reception = Reception(hub, serving.doorbell, serving.now, disk)
    runner = make_runner(make_app(serving))
    await runner.setup()
    port = int(hub.config.public_host.rpartition(":")[2])
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with ClientSession() as session:
            yield Visitor(hub, session, serving, now)
    finally:
        await runner.cleanup()
