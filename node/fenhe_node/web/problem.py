"""Errors as answers: `application/problem+json` for programs, a page for people."""

import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from fenhe_node.web.pages import error_page
from fenhe_protocol.errors import FenheError, RequestError

log = logging.getLogger("fenhe.node")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PROBLEM = "application/problem+json"
FOR_PEOPLE = frozenset({400, 404, 408, 413, 415, 422, 429})
"""What a browser is answered as a page; signed requests are sent by programs."""


def not_found() -> RequestError:
    """The answer for everything that is not there."""
    return RequestError("request.absent", status=404)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what a handler raises into an answer; nothing unexpected is shown to strangers."""
    try:
        return await handler(request)
    except RequestError as error:
        return await _answer(request, error, error.status)
    except web.HTTPException:
        raise
    except FenheError as error:
        log.error("%s %s: %s", request.method, _asked_for(request), error)
        return await _answer(request, FenheError("server.failed"), 500)
    except Exception:
        log.exception("%s %s", request.method, _asked_for(request))
        return await _answer(request, FenheError("server.failed"), 500)


def _asked_for(request: web.Request) -> str:
    """The route and not the path, of which a private link has its secret."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


async def _answer(request: web.Request, error: FenheError, status: int) -> web.Response:
    response = await _body(request, error, status)
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Signature label="fenhe"'
    return response


async def _body(request: web.Request, error: FenheError, status: int) -> web.Response:
    if status in FOR_PEOPLE and "text/html" in request.headers.get("Accept", ""):
        return await error_page(request, error, status)
    members = {**error.problem(), "status": status}
    text = json.dumps(members, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type=PROBLEM)
