"""How operations meet HTTP: parameters in; JSON, text or a spreadsheet out; errors as problems.

Every answer may be asked for from anywhere (CORS), carries an ETag and is checked against it. The
tag leaves out the age of the sources, which grows by the second; their state is in it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256
from typing import Any

import orjson
from aiohttp import web

from fenhe_hub.api.one_by_one import OneByOne
from fenhe_hub.api.operation import Asked, Operation, TextFile
from fenhe_hub.api.parameters import Parameter, Value, read_parameters
from fenhe_hub.api.spreadsheet import FORMATS, MOST_ROWS, write_spreadsheet
from fenhe_hub.index.read import Reading
from fenhe_protocol.errors import FenheError, RequestError

READING = web.AppKey("reading", Reading)
"""What answering needs; set by whoever makes the application."""

WHOLE_LISTS = web.AppKey("whole_lists", OneByOne)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FORMAT = Parameter(
    "format", "格式: json 或整张表", "json, or the whole list as a table",
    choices=("json", *FORMATS), default="json",
)  # fmt: skip
SOURCE_STATE, SOURCE_HEARD_AT = "Fenhe-Source-State", "Fenhe-Source-Heard-At"
OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Content-Disposition,"
    f" {SOURCE_STATE}, {SOURCE_HEARD_AT}",
}
_AGE = re.compile(rb'"age_seconds":[0-9]+')
_LOG = logging.getLogger(__name__)


def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """All that may be asked of an operation."""
    return (*operation.parameters, FORMAT) if operation.columns else operation.parameters


def handler_of(operation: Operation) -> Handler:
    """The handler that answers an operation."""

    async def handle(request: web.Request) -> web.StreamResponse:
        values = read_parameters(
            parameters_of(operation), request.match_info, request.query.items()
        )
        work = partial(_answer, operation, request.config_dict[READING], values)
        if str(values.get("format", "json")) not in FORMATS:
            return _checked(request, await asyncio.to_thread(work))
        answer = await request.config_dict[WHOLE_LISTS].make(work, lambda: _is_there(request))
        if answer is None:
            raise web.HTTPServiceUnavailable  # nobody reads it
        return _checked(request, answer)

    return handle


def _is_there(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _answer(
    operation: Operation, reading: Reading, values: dict[str, Value | None]
) -> web.Response:
    """Ask and write, in a thread of its own: both may take a while."""
    form = str(values.get("format", "json"))
    if form in FORMATS:
        values |= {"limit": MOST_ROWS + 1, "cursor": None, "facets": False}
    with reading.connect() as db:
        found = operation.respond(Asked(db, reading, reading.now(), values))
    if form in FORMATS:
        return _spreadsheet(operation, found, form)
    if isinstance(found, TextFile):
        return _text_file(found, f"{operation.name}.txt")
    response = _response(orjson.dumps(found), "application/json")
    if cursor := getattr(found, "next", None):
        response.headers["Link"] = f'<?cursor={cursor}>; rel="next"'
    return response


def _response(body: bytes, content_type: str, charset: str | None = None) -> web.Response:
    tag = sha256(_AGE.sub(b"", body)).hexdigest()[:32]
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    return web.Response(body=body, content_type=content_type, charset=charset, headers=headers)


def _text_file(found: TextFile, name: str) -> web.Response:
    response = _file(_response(found.body, "text/plain", charset="utf-8"), name)
    if (source := found.source) is not None:
        response.headers[SOURCE_STATE] = source.state
        if source.heard_at is not None:
            response.headers[SOURCE_HEARD_AT] = source.heard_at
    return response


def _spreadsheet(operation: Operation, page: Any, form: str) -> web.Response:
    if len(page.items) > MOST_ROWS:
        raise RequestError("api.too-many", where="format", expected=f"<= {MOST_ROWS}")
    rows = ([column.cell(item, page) for column in operation.columns] for item in page.items)
    titles = [f"{column.zh} {column.en}" for column in operation.columns]
    response = _response(write_spreadsheet(form, titles, rows), FORMATS[form])
    return _file(response, f"{operation.name}.{form}")


def _file(response: web.Response, name: str) -> web.Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _checked(request: web.Request, answer: web.Response) -> web.Response:
    tags = request.headers.get("If-None-Match", "")
    if answer.headers["ETag"].removeprefix("W/") in tags or tags.strip() == "*":
        kept = {name: answer.headers[name] for name in ("ETag", "Cache-Control")}
        return web.Response(status=304, headers=kept)
    return answer


@web.middleware
async def open_to_all(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let scripts of any page read answers, and tell every error as a problem (RFC 9457)."""
    try:
        preflight = request.method == "OPTIONS" and "Origin" in request.headers
        response = _preflight() if preflight else await handler(request)
    except Exception as error:
        response = _problem_of(error)
    response.headers.update(OPEN_TO_ALL)
    return response


def _preflight() -> web.Response:
    allowed = {
        "Access-Control-Allow-Methods": "GET, HEAD",
        "Access-Control-Allow-Headers": "If-None-Match",
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=204, headers=allowed)


def _problem_of(error: Exception) -> web.Response:
    match error:
        case RequestError():
            return problem(error, error.status)
        case web.HTTPNotFound():
            return problem(RequestError("api.no-operation"), 404)
        case web.HTTPMethodNotAllowed():
            response = problem(RequestError("api.method", expected="GET, HEAD"), 405)
            response.headers["Allow"] = "GET, HEAD"
            return response
        case FenheError():
            _LOG.error("%s", error)
            return problem(error, 503)
        case _:
            _LOG.exception("an answer failed", exc_info=error)
            return problem(FenheError("api.internal"), 500)


def problem(error: FenheError, status: int) -> web.Response:
    """One problem document, all members written."""
    empty = dict.fromkeys(("where", "expected", "found", "advice"), "")
    members = {**empty, **error.problem(), "status": status}
    return web.Response(
        body=orjson.dumps(members),
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )
