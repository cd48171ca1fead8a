"""Foreign units on sockets of their own, from a thread: what is served, and what goes wrong there.

    with serving(units) as town:         # every unit has its `url` now
        town.mischief[unit.url + "/catalogue/checkpoint"] = refuse_politely

Answers like another server would: gzip where asked, ETag and 304, 401 for what is held.
"""

import asyncio
import gzip
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from aiohttp import web

from deploy.demo.ports import free_port
from tests.federation.foreign_notes import request_is_signed
from tests.federation.foreign_unit import ForeignUnit

Mischief = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]
"""(request, the honest file) -> another answer."""

PREFIX = "/open/feed"


@dataclass
class Town:
    """All foreign units; `asked` are (unit number, path, status) in the order of the answers.

    `astray` are the addresses outside of any feed that were asked for, and cookies that came back.
    `given_up` has, for each unit whose reader hung up on a mischief, the length of `asked` then.
    """

    units: Sequence[ForeignUnit]
    mischief: dict[tuple[int, str], Mischief] = field(default_factory=dict)
    asked: list[tuple[int, str, int]] = field(default_factory=list)
    given_up: dict[int, int] = field(default_factory=dict)
    astray: list[str] = field(default_factory=list)

    async def start(self) -> list[web.AppRunner]:
        runners = []
        for unit in self.units:
            host, port = f"127.0.0.{unit.number + 1}", free_port()
            unit.url = f"http://{host}:{port}{PREFIX}"
            app = web.Application()
            app.router.add_get(f"{PREFIX}/{{path:.*}}", self._handler(unit))
            app.router.add_get("/{path:.*}", self._elsewhere)
            runner = web.AppRunner(
                app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
            )
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            runners.append(runner)
        return runners

    def statuses(self) -> dict[tuple[int, str], list[int]]:
        """How each file was answered so far, by unit number and path."""
        found: dict[tuple[int, str], list[int]] = {}
        for number, path, status in list(self.asked):
            found.setdefault((number, path), []).append(status)
        return found

    def _handler(self, unit: ForeignUnit) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            path = request.match_info["path"]
            if "Cookie" in request.headers:
                self.astray.append(f"{path} with a cookie")
            if other := self.mischief.get((unit.number, path)):
                return await self._mischievous(unit, other, request, unit.files.get(path, b""))
            response = _answer(unit, path, request)
            self.asked.append((unit.number, path, response.status))
            return response

        return answer

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        self.astray.append(str(request.url))
        return web.Response(status=404)

    async def _mischievous(
        self, unit: ForeignUnit, other: Mischief, request: web.Request, body: bytes
    ) -> web.StreamResponse:
        try:
            return await other(request, body)
        except (asyncio.CancelledError, ConnectionError):
            self.given_up.setdefault(unit.number, len(self.asked))
            raise


def _answer(unit: ForeignUnit, path: str, request: web.Request) -> web.Response:
    if _is_held(path):
        uri = unit.url.removesuffix(PREFIX) + request.raw_path
        if not request_is_signed(request.headers, uri, unit.trusted):
            return web.Response(status=401)
    if (body := unit.files.get(path)) is None:
        return web.Response(status=404, headers={"Cache-Control": "no-store"})
    headers = {"ETag": f'"{sha256(body).hexdigest()[:16]}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, headers=headers)


def _is_held(path: str) -> bool:
    return path.startswith("usage/") or ("/body/" in path and "/body/pub/" not in path)


@contextmanager
def serving(units: Sequence[ForeignUnit]) -> Iterator[Town]:
    """Serve all units until left."""
    town, loop = Town(units), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    runners = asyncio.run_coroutine_threadsafe(town.start(), loop).result(30)
    try:
        yield town
    finally:
        asyncio.run_coroutine_threadsafe(_stop(runners), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(runners: Sequence[web.AppRunner]) -> None:
    for runner in runners:
        await runner.cleanup()
