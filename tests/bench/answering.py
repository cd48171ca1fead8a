"""Many units answered for from memory by one process, each on an address of its own.

Every answer ends its connection, so that each request makes a new one.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from aiohttp import web


async def answer(
    files: Mapping[str, Mapping[str, bytes]], port: int, context: ssl.SSLContext | None = None
) -> None:
    """Begin to answer with these files, by address and path; over TLS if there is a context."""

    async def find(request: web.Request) -> web.Response:
        body = files[request.url.host or ""].get(request.match_info["path"])
        response = web.Response(status=404) if body is None else web.Response(body=body)
        response.force_close()
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", find)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", port, ssl_context=context, backlog=1024).start()
