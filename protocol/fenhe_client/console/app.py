"""The pages of one console behind its guard. Start at `answer_pages`.

A POST handler is never reached but through `forms`, so none can forget the token.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic
from urllib.parse import quote

from aiohttp import web

from fenhe_client.console.asking import Answer, Asked, C, Download, Enter, Handler, Page
from fenhe_client.console.forms import Form, read_form
from fenhe_client.console.frame import error_page, render, style_sheet
from fenhe_client.console.guard import (
    HEADERS,
    STYLE,
    AskAgain,
    admit,
    is_open,
    set_cookie,
)
from fenhe_client.console.sessions import Session
from fenhe_client.strangers import address_of
from fenhe_protocol.errors import FenheError, InputError, PublisherError, RequestError

Check = Callable[[Asked[C]], None]
"""Whether this account may ask this at all, before its form is read; RequestError 403."""

_ASK_AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0">'


def _let_in(asked: Asked[C]) -> None:
    pass


@dataclass(frozen=True)
class Route(Generic[C]):
    """Method, path (aiohttp's patterns), who answers, and whom."""

    method: str
    path: str
    handler: Handler[C]
    check: Check[C] = _let_in


def answer_pages(app: web.Application, console: C, routes: Iterable[Route[C]]) -> None:
    """Add the routes, the style sheet, and a page for whatever is none of them."""
    app.router.add_get(STYLE, style_sheet)
    for route in (*routes, Route("*", "/{path:.*}", _nothing)):
        app.router.add_route(route.method, route.path, _Guarded(console, route).handle)
    app.on_response_prepare.append(_finish)


class _Guarded(Generic[C]):
    """One route: the guard, then the handler, then its answer as a page."""

    def __init__(self, console: C, route: Route[C]) -> None:
        self._console, self._route = console, route

    async def handle(self, request: web.Request) -> web.StreamResponse:
        door = self._console.door
        try:
            admitted = admit(request, door)
        except AskAgain:
            return web.Response(text=_ASK_AGAIN, content_type="text/html")
        except FenheError as error:
            return _turned_away(error)
        response = await self._answered(request, admitted.session)
        if admitted.is_new and not response.cookies:
            set_cookie(request, response, door, admitted.session)
        return response

    async def _answered(self, request: web.Request, session: Session) -> web.Response:
        door, asked = self._console.door, self._asked(request, session, Form())
        try:
            await asyncio.to_thread(self._route.check, asked)
            if request.method == "POST":
                stranger = is_open(request.path)
                reading = read_form(request, session.token, door.folder, stranger=stranger)
                async with reading as form:
                    asked = self._asked(request, session, form)
                    return await _respond(request, asked, await _run(self._route.handler, asked))
            return await _respond(request, asked, await _run(self._route.handler, asked))
        except FenheError as error:
            status = status_of(error)
            # What somebody typed stands in the page alone: it may be of a person.
            said = str(error) if status >= 500 else error.code
            door.log.warning("console %s %s: %s", request.method, request.path, said)
            return await _respond(request, asked, error_page(error, status))
        except ConnectionResetError:
            raise  # whoever sent it is gone: nobody's fault, and no news
        except Exception:
            door.log.exception("console %s %s", request.method, request.path)
            return await _respond(request, asked, error_page(FenheError("server.failed"), 500))

    def _asked(self, request: web.Request, session: Session, form: Form) -> Asked[C]:
        peer = address_of(request) or request.remote or ""
        query, parts = request.query, request.match_info
        return Asked(self._console, session, request.path, query, parts, form, peer)


async def _run(handler: Handler[C], asked: Asked[C]) -> Answer:
    """Async handlers run here, all others in a thread: they read files and the store."""
    if inspect.iscoroutinefunction(handler):
        answer: Answer = await handler(asked)
    else:
        answer = await asyncio.to_thread(handler, asked)  # type: ignore[arg-type]
    return answer


async def _respond(request: web.Request, asked: Asked[C], answer: Answer) -> web.Response:
    if isinstance(answer, Page):
        return await asyncio.to_thread(render, asked, answer)
    if isinstance(answer, Download):
        name = quote(answer.name, safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=answer.body, content_type=answer.content_type, headers=headers)
    response = web.Response(status=303, headers={"Location": answer.path})
    if isinstance(answer, Enter):
        set_cookie(request, response, asked.console.door, answer.session)
    elif answer.said:
        asked.session.said.append((answer.said, answer.bad))
    return response


def status_of(error: FenheError) -> int:
    """The status of an answer that says this."""
    if isinstance(error, RequestError):
        return error.status
    return 422 if isinstance(error, InputError | PublisherError) else 503


def _turned_away(error: FenheError) -> web.Response:
    """For whoever has no session: no page of ours around it."""
    return web.Response(text=f"{error}\n", status=status_of(error))


def _nothing(asked: Asked[C]) -> Answer:
    raise RequestError("request.absent", status=404)


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
