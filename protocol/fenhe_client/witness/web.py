"""The two addresses of a witness (tlog-witness): submission and monitoring prefix are the same.

POST <prefix>/add-checkpoint
GET  <prefix>/<H(origin)>/checkpoint
"""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, web

from fenhe_client.witness.service import Witness
from fenhe_protocol.errors import FenheError, RequestError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.witness import MOST_BYTES, SIZE_TYPE, SizeConflict

Clock = Callable[[], int]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_TEXT = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-cache"}


def make_app(
    witness: Witness, clock: Clock, prefix: str = "", patience: float = DEFAULTS.idle_seconds
) -> web.Application:
    """The application of one witness below a path that is empty or begins with a slash.

    `patience`: seconds within which a request has to be here.
    """

    async def add_checkpoint(request: web.Request) -> web.Response:
        async with asyncio.timeout(patience):
            raw = await _body(request)
        lines = await asyncio.to_thread(witness.add_checkpoint, raw, clock())
        return web.Response(body=lines, headers=_TEXT)

    async def checkpoint(request: web.Request) -> web.Response:
        found = await asyncio.to_thread(witness.checkpoint, request.match_info["origin"])
        if found is None:
            raise RequestError("request.absent", status=404)
        return web.Response(body=found, headers=_TEXT)

    app = web.Application(middlewares=[_answer_errors])
    app.router.add_post(f"{prefix}/add-checkpoint", add_checkpoint)
    app.router.add_get(f"{prefix}/{{origin:[0-9a-f]{{64}}}}/checkpoint", checkpoint)
    return app


async def _body(request: web.Request) -> bytes:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding != "identity":
        raise RequestError("witness.form", status=415, expected="identity", found=coding)
    # Not `request.read`: below a larger application that one's limit would count.
    found = bytearray()
    try:
        while chunk := await request.content.readany():
            found += chunk
            if len(found) > MOST_BYTES:
                raise RequestError("witness.form", status=413, expected=f"<= {MOST_BYTES} bytes")
    except (ClientError, ConnectionError, web.HTTPException, ValueError) as error:
        raise RequestError("witness.form", found=type(error).__name__) from error
    return bytes(found)


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except SizeConflict as error:
        return web.Response(body=error.body, status=error.status, content_type=SIZE_TYPE)
    except RequestError as error:
        return _problem(error, error.status)
    except FenheError as error:
        return _problem(error, 503)
    except web.HTTPNotFound:
        return _problem(RequestError("request.absent"), 404)
    except TimeoutError:
        return _problem(RequestError("fetch.timeout"), 408)


def _problem(error: FenheError, status: int) -> web.Response:
    return web.Response(
        text=json.dumps({**error.problem(), "status": status}, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
