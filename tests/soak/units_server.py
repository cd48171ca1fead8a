"""All nodes in one process, each at an address of its own on the loopback. See `UnitsServer`.

An address is answered from the folder of its unit, what is held only to signed requests, as a node
does; or as badly as the `Weather` says.
"""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from fenhe_protocol.errors import RequestError
from fenhe_protocol.request import RequestVerifier, key_id
from tests.soak.actor import Served, answer

AWAY, BUSY, HANGS, OLD, FLIPPED, CUT = "away", "busy", "hangs", "old", "flipped", "cut"
MISCHIEF = (BUSY, HANGS, OLD, FLIPPED, CUT)
OLD_COPY = "old"  # beside `public` and `held` of a unit


@dataclass(frozen=True)
class Weather:
    """How nodes answer at a time of the story: by address, all others well."""

    now: int
    moods: Mapping[str, str] = field(default_factory=dict)


class UnitsServer(Served):
    """Answers on a port, at all addresses of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._folders: dict[str, Path] = {}
        self._trusted: dict[str, bytes] = {}
        self._verifier = RequestVerifier(self._trusted)
        self._weather = Weather(0)
        self._turned = asyncio.Event()

    def settle(self, folders: Mapping[str, Path]) -> None:
        """From now on these addresses are answered, and no others."""
        self._folders = dict(folders)

    def trust(self, public: bytes) -> None:
        """Whoever asks with this key may read what is held."""
        self._trusted[key_id(public)] = public

    def turn(self, weather: Weather) -> None:
        """The weather changes."""
        self._weather = weather
        self._turned.set()
        self._turned = asyncio.Event()

    def tick(self, now: int) -> None:
        """Time goes on in the same weather."""
        self._weather = replace(self._weather, now=now)

    def serve(self, link: Connection) -> None:
        """See Served."""
        asyncio.run(self._serve(link))

    async def _serve(self, link: Connection) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", self._port, backlog=1024).start()
        ended = asyncio.Event()

        def asked() -> None:
            try:
                link.send(answer(self, *link.recv()))
            except EOFError:
                ended.set()

        loop = asyncio.get_running_loop()
        loop.add_reader(link.fileno(), asked)
        await ended.wait()
        loop.remove_reader(link.fileno())
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.url.host or ""
        mood, folder = self._weather.moods.get(host, ""), self._folders.get(host)
        if mood == AWAY or folder is None:
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable
        if mood == HANGS:
            await self._turned.wait()
        if mood == BUSY:
            raise web.HTTPServiceUnavailable
        response = self._file(request, folder / OLD_COPY if mood == OLD else folder, mood)
        response.force_close()  # as where each visit comes over a connection of its own
        return response

    def _file(self, request: web.Request, folder: Path, mood: str) -> web.Response:
        path = request.match_info["path"]
        if _is_held(path):
            try:
                uri = f"http://{request.host}{request.raw_path}"
                self._verifier.verify("GET", uri, request.headers, None, self._weather.now)
            except RequestError as error:
                return web.json_response(error.problem(), status=401)
        for tree in ("held", "public"):
            try:
                raw = (folder / tree / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                continue
            return web.Response(body=_spoilt(raw, path, mood))
        return web.Response(status=404, headers={"Cache-Control": "no-store"})


def _spoilt(raw: bytes, path: str, mood: str) -> bytes:
    """The bytes as an ill node sends them: every other file with one bit changed, or without end"""
    at = zlib.crc32(path.encode())
    if not raw or at % 2 or mood not in (FLIPPED, CUT):
        return raw
    at = at // 2 % len(raw)
    return raw[:at] if mood == CUT else raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def _is_held(path: str) -> bool:
    return path.startswith("usage") or ("/body/" in path and "/body/pub/" not in path)
