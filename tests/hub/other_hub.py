"""Another hub for tests: it serves a copy of a hub's home as its own mirror of that hub."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from deploy.demo.ports import free_port
from fenhe_protocol.origin import origin_hash


@dataclass
class OtherHub:
    """A plain copy of a hub's files, served as its mirror by another one."""

    folder: Path
    origin: str
    url: str

    @property
    def hub(self) -> str:
        """The origin of the hub that is mirrored; `origin` is that of one of its logs."""
        return self.origin.rpartition("/")[0]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        digest, _, path = request.match_info["path"].removeprefix("m/").partition("/")
        epochs = {origin_hash(f"{self.hub}/{name}"): name for name in ("fed", "fed.2", "fed.3")}
        own = epochs.get(digest, "" if digest == origin_hash(self.hub) else None)
        base = self.folder / "mirror" / digest if own is None else self.folder
        for tree in ("public", "held"):
            file = base / tree / (own or "") / path
            if file.is_file():
                return web.Response(body=file.read_bytes())
        return web.Response(status=404)


@asynccontextmanager
async def other_hub(folder: Path, origin: str) -> AsyncIterator[str]:
    hub = OtherHub(folder, origin, f"http://127.0.0.1:{free_port()}")
    app = web.Application()
    app.router.add_get("/{path:.*}", hub.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(hub.url.rpartition(":")[2])).start()
    try:
        yield hub.url
    finally:
        await runner.cleanup()
