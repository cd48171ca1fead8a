"""How a page meets HTTP: what was asked in, HTML out, errors as pages with their status."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from fenhe_hub.api.operation import Asked
from fenhe_hub.api.parameters import Parameter, Value, read_parameters
from fenhe_hub.index.read import Reading
from fenhe_hub.portal.environment import environment, now_text
from fenhe_protocol.errors import FenheError, RequestError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Context = Mapping[str, Any]

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path, template, what may be asked of it, and who makes what it shows."""

    path: str
    template: str
    make: Callable[[Asked], Context]
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Links:
    """Addresses of the same page with something else asked: lists are links and nothing more."""

    base: str
    path: str
    values: Mapping[str, Value]

    def here(self, **changes: Value | None) -> str:
        """This page with changed values; None takes one away. A change begins at the first page."""
        kept = {**self.values, **changes}
        if "cursor" not in changes:
            kept.pop("cursor", None)
        asked = {name: value for name, value in kept.items() if value not in (None, "")}
        return f"{self.base}{self.path}" + (f"?{urlencode(asked)}" if asked else "")

    def export(self, operation: str, form: str) -> str:
        """The same list from the API, whole, in another format."""
        dropped = ("cursor", "limit", "facets")
        kept = {name: value for name, value in self.values.items() if name not in dropped}
        return f"{self.base}/api/v1/{operation}?{urlencode({**kept, 'format': form})}"


def handler_of(page: Page, reading: Reading) -> Handler:
    """The handler of one page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await asyncio.to_thread(_answer, page, reading, request)

    return handle


def _answer(page: Page, reading: Reading, request: web.Request) -> web.Response:
    now = reading.now()
    try:
        values = _values(page, request)
        links = Links(reading.base, request.rel_url.raw_path.removeprefix(reading.base), values)
        with reading.connect() as db:
            asked = Asked(db, reading, now, _with_defaults(page.parameters, values, request))
            shown = {
                parameter.name: values.get(parameter.name, "") for parameter in page.parameters
            }
            context = {"links": links, "asked": shown, **page.make(asked)}
        return html_page(reading, now, page.template, context, 200)
    except FenheError as error:
        return error_page(reading, error)
    except Exception:
        _LOG.exception("a page failed")
        return error_page(reading, FenheError("api.internal"), 500)


def _values(page: Page, request: web.Request) -> dict[str, Value]:
    """What was asked and says something: forms send empty fields, links carry strangers' names."""
    known = {parameter.name for parameter in page.parameters if parameter.place == "query"}
    first: dict[str, Value] = {}
    for name, value in request.query.items():
        if name in known and value:
            first.setdefault(name, value)
    return first


def _with_defaults(
    parameters: Iterable[Parameter], values: Mapping[str, Value], request: web.Request
) -> dict[str, Value | None]:
    query = [(name, str(value)) for name, value in values.items()]
    return read_parameters(parameters, request.match_info, query)


def error_page(reading: Reading, error: FenheError, status: int = 503) -> web.Response:
    """An error in words, with its status or, where it has none of its own, this one."""
    status = error.status if isinstance(error, RequestError) else status
    if status == 503:
        _LOG.error("%s", error)
    return html_page(
        reading, reading.now(), "error.html", {"error": error, "status": status}, status
    )


def html_page(
    reading: Reading, now: int, template: str, context: Context, status: int
) -> web.Response:
    """A page of the portal; what is not found is kept by no cache."""
    shared = {"base": reading.base, "hub": reading.origin, "now": now_text(now)}
    text = environment().get_template(template).render(**shared, **context)
    # What is absent now may be there at once: no cache keeps that it was not (feed §1).
    caching = {} if status == 200 else {"Cache-Control": "no-store"}
    headers = {**HEADERS, **caching}
    return web.Response(
        text=text, status=status, content_type="text/html", charset="utf-8", headers=headers
    )
