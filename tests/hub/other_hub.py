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

    async def answer(self, request: web.Request) -> web.StreamResponse:
        digest, _, path = request.match_info["path"].removeprefix("m/").partition("/")
        fed = digest == origin_hash(self.origin)
        base = self.folder if fed else self.folder / "mirror" / digest
        for tree in ("public", "held"):
            file = base / tree / "fed" / path if fed else base / tree / path
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
