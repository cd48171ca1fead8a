"""Errors as `application/problem+json` (RFC 9457); a 404 is never stored by a cache (feed §1)."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from fenhe_protocol.errors import FenheError, RequestError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def not_found() -> RequestError:
    """Nothing of that name is served here."""
    return RequestError("request.absent", status=404)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error of ours as a problem, and the framework's own in the same form."""
    try:
        return await handler(request)
    except RequestError as error:
        return problem(error, error.status)
    except FenheError as error:
        return problem(error, 503)
    except web.HTTPNotFound:
        return problem(not_found(), 404)


def problem(error: FenheError, status: int) -> web.Response:
    """One problem document."""
    members = {**error.problem(), "status": status}
    return web.Response(
        text=json.dumps(members, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
