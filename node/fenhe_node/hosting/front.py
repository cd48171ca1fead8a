"""The one listener of several homes: each request is handed whole to the application of its home.

The request is made by that application too, under its own limits, so that within it nothing is
different from a home that is served alone. Start at `Front`.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from fenhe_client.fetching.listening import make_front
from fenhe_node.hosting.doors import Place, choose
from fenhe_node.hosting.naming import speaking_of
from fenhe_protocol.errors import SetupError

NO_STORE = {"Cache-Control": "no-store", "Server": "fenhe"}


class Door:
    """What stands behind some places: one home's name, and what answers for it."""

    def __init__(self, home: str, server: web.Server) -> None:
        self.home, self.server = home, server


DOOR = web.RequestKey("door", Door)


class Front:
    """Finds the door; `doors` change while it serves."""

    def __init__(self) -> None:
        self._doors: dict[Place, Door] = {}
        self.broken: dict[str, str] = {}  # homes that are not served, and why

    def open(self, door: Door, places: Iterable[Place]) -> None:
        """Serve a home at these places; SetupError `homes.address` if another has the first."""
        first, *former = dict.fromkeys(places)
        if (other := self._doors.get(first)) is not None:
            raise SetupError("homes.address", where=door.home, found=f"{other.home}: {first}")
        self._doors[first] = door
        for place in former:
            self._doors.setdefault(place, door)

    def close(self, door: Door) -> None:
        """Serve it no more."""
        self._doors = {place: each for place, each in self._doors.items() if each is not door}

    def runner(self) -> web.ServerRunner:
        """What listens."""
        return make_front(self._handle, self._make)

    def _make(
        self, message: Any, payload: Any, protocol: Any, writer: Any, task: "asyncio.Task[None]"
    ) -> web.BaseRequest:
        """Make the request as its home's application makes it."""
        path = message.path.partition("?")[0]
        door = choose(self._doors, message.headers.get("Host", ""), path)
        if door is None:
            return web.BaseRequest(message, payload, protocol, writer, task, task.get_loop())
        request = door.server.request_factory(message, payload, protocol, writer, task)
        request[DOOR] = door
        return request

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        door = request.get(DOOR)
        if door is None:
            return self._stranger(request)
        with speaking_of(door.home):
            answer: web.StreamResponse = await door.server.request_handler(request)
            return answer

    def _stranger(self, request: web.BaseRequest) -> web.Response:
        """What is no home's: whether all homes are served, and else nothing."""
        if request.path != "/healthz":
            return web.Response(status=503 if self.broken else 404, headers=NO_STORE)
        served = len({id(door) for door in self._doors.values()})
        told = {"healthy": not self.broken, "served": served, "broken": len(self.broken)}
        status = 503 if self.broken else 200
        return web.json_response(told, status=status, headers=NO_STORE)
