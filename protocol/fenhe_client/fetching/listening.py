"""`--listen HOST:PORT`: read it, and begin to answer there; nobody is waited for without end.

Nor do strangers take all files that the program may have open: whoever came first goes first.
"""

import resource
from typing import Any, cast

from aiohttp import web

from fenhe_protocol.errors import SetupError

IDLE_SECONDS = 75.0
"""How long a connection may take to send the head of its next request, or none.

Longer than the 60 seconds for which nginx keeps one open: who closes first must be nginx.
"""
_MOST = 4096
_BACKLOG = 64
"""How many are accepted in one go; two or three times as many may come before room is made."""


def parse_listen(text: str) -> tuple[str, int]:
    """Host (an IPv6 one without its brackets) and port; SetupError `setup.value`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or len(port) > 5 or int(port) > 65535:
        raise SetupError("setup.value", where="--listen", expected="HOST:PORT", found=text)
    return host.strip("[]"), int(port)


def make_runner(
    app: web.Application,
    *,
    decodes: bool = False,
    idle_seconds: float = IDLE_SECONDS,
    most: int | None = None,
) -> web.AppRunner:
    """What serves an application; `decodes`: the framework undoes codings before it counts.

    Of more than `most` connections the first come are cut off, whatever they are about.
    """
    # aiohttp's own is an hour: so long a stranger could hold a connection with half a head.
    runner = _Runner(app, access_log=None, auto_decompress=decodes, keepalive_timeout=idle_seconds)
    runner.most = most or most_connections()
    return runner


def make_front(handle: Any, make: Any, *, most: int | None = None) -> web.ServerRunner:
    """What serves whatever `make` makes of a request by `handle`, under the same bounds."""
    settings: dict[str, Any] = {"auto_decompress": True, "keepalive_timeout": IDLE_SECONDS}
    server = web.Server(handle, request_factory=make, access_log=None, **settings)
    runner = _Front(server)
    runner.most = most or most_connections()
    return runner


async def listen(runner: web.BaseRunner, host: str, port: int) -> None:
    """Answer there; SetupError `serve.listen`. Whoever set the runner up cleans it up."""
    try:
        await web.TCPSite(runner, host, port, backlog=_BACKLOG).start()
    except OSError as error:
        found = f"{host}:{port} · {error.strerror or error}"
        raise SetupError("serve.listen", where="--listen", found=found) from error


def most_connections() -> int:
    """In a quarter of the files that may be open; one's own requests have half of them."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files < 0 else min(_MOST, max(files // 4 - _BACKLOG, 8))


class _Runner(web.AppRunner):
    most: int

    @property
    def server(self) -> web.Server | None:
        """What a site makes the protocol of each connection with."""
        server = super().server
        return None if server is None else cast(web.Server, _Door(server, self.most))


class _Front(web.ServerRunner):
    most: int

    @property
    def server(self) -> web.Server | None:
        """What a site makes the protocol of each connection with."""
        server = super().server
        return None if server is None else cast(web.Server, _Door(server, self.most))


class _Door:
    """Makes room before each new connection, for a flood of accepted ones would end in EMFILE."""

    def __init__(self, server: web.Server, most: int) -> None:
        self._server, self._most = server, most

    def __call__(self) -> web.RequestHandler:
        connections = self._server.connections
        if len(connections) >= self._most:
            # A quarter at once: of what is accepted in one go none is counted before the next.
            for handler in connections[: len(connections) - self._most * 3 // 4]:
                if handler.transport is not None:
                    handler.transport.abort()  # closing would wait for one who never reads
        return self._server()
