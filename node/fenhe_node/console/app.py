"""The console's web application: the routes of all pages behind the guard. Start at `make_app`.

A POST handler is never reached but through `forms`, so none can forget the token.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from importlib import resources
from urllib.parse import quote

from aiohttp import web

from fenhe_node.console import (
    empty_lists,
    fees,
    helping,
    import_runs,
    imports,
    keys,
    named_sources,
    notices,
    outcomes,
    publishing,
    record,
    records,
    requests,
    script_call,
    setup,
    sign_in,
    tiers,
    today,
    usage,
    words,
)
from fenhe_node.console.asking import (
    CONSOLE,
    Answer,
    Asked,
    Console,
    Download,
    Enter,
    Handler,
    Page,
)
from fenhe_node.console.forms import LARGEST_BODY, Form, read_form
from fenhe_node.console.frame import SECTIONS, error_page, render
from fenhe_node.console.guard import HEADERS, SIGN_IN, STYLE, AskAgain, admit, set_cookie
from fenhe_node.console.navigation import shown
from fenhe_node.console.sessions import Session
from fenhe_node.web.strangers import address_of
from fenhe_protocol.errors import FenheError, InputError, PublisherError, RequestError

log = logging.getLogger("fenhe.node")

PAGES = (
    *(sign_in, today, records, record, words, imports, import_runs, empty_lists),
    *(named_sources, tiers, fees, usage, outcomes, requests),
    *(notices, publishing, keys, helping, setup),
)
"""The modules that have pages, each with its `ROUTES`."""

_ASK_AGAIN = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0">'


def make_app(console: Console) -> web.Application:
    """All pages of one unit's console."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[CONSOLE] = console
    routes = [route for module in PAGES for route in module.ROUTES]
    app[SECTIONS] = shown(path for method, path, _ in routes if method == "GET")
    for method, path, handler in routes:
        app.router.add_route(method, path, _guarded(handler))
    app.router.add_post(script_call.PATH, script_call.import_call)  # a token guards it
    app.router.add_get(STYLE, style_sheet)
    app.router.add_route("*", "/{path:.*}", _guarded(_nothing))
    app.on_response_prepare.append(_finish)
    app.on_cleanup.append(_end_errands)
    return app


def _guarded(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            admitted = admit(request)
        except AskAgain:
            return web.Response(text=_ASK_AGAIN, content_type="text/html")
        except FenheError as error:
            return _turned_away(error)
        response = await _answered(request, admitted.session, handler)
        if admitted.is_new and not response.cookies:
            set_cookie(request, response, admitted.session)
        return response

    return handle


async def _answered(request: web.Request, session: Session, handler: Handler) -> web.Response:
    asked = _asked(request, session, Form())
    try:
        if request.method == "POST":
            home = request.app[CONSOLE].home.path
            stranger = request.path == SIGN_IN
            async with read_form(request, session.token, home, stranger=stranger) as form:
                asked = _asked(request, session, form)
                return await _respond(request, asked, await _run(handler, asked))
        return await _respond(request, asked, await _run(handler, asked))
    except FenheError as error:
        status = _status(error)
        # What somebody typed stands in the page alone: it may be of a person.
        said = str(error) if status >= 500 else error.code
        log.warning("console %s %s: %s", request.method, request.path, said)
        return await _respond(request, asked, error_page(error, status))
    except ConnectionResetError:
        raise  # whoever sent it is gone: nobody's fault, and no news
    except Exception:
        log.exception("console %s %s", request.method, request.path)
        return await _respond(request, asked, error_page(FenheError("server.failed"), 500))


def _asked(request: web.Request, session: Session, form: Form) -> Asked:
    return Asked(
        request.app[CONSOLE],
        session,
        request.path,
        request.query,
        request.match_info,
        form,
        address_of(request) or request.remote or "",
    )


async def _run(handler: Handler, asked: Asked) -> Answer:
    """Async handlers run here, all others in a thread: they read files and the store."""
    if inspect.iscoroutinefunction(handler):
        answer: Answer = await handler(asked)
    else:
        answer = await asyncio.to_thread(handler, asked)  # type: ignore[arg-type]
    return answer


async def _respond(request: web.Request, asked: Asked, answer: Answer) -> web.Response:
    if isinstance(answer, Page):
        return await asyncio.to_thread(render, asked, request.app[SECTIONS], answer)
    if isinstance(answer, Download):
        name = quote(answer.name, safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=answer.body, content_type=answer.content_type, headers=headers)
    response = web.Response(status=303, headers={"Location": answer.path})
    if isinstance(answer, Enter):
        set_cookie(request, response, answer.session)
    elif answer.said:
        asked.session.said.append((answer.said, answer.bad))
    return response


def _status(error: FenheError) -> int:
    if isinstance(error, RequestError):
        return error.status
    return 422 if isinstance(error, InputError | PublisherError) else 503


def _turned_away(error: FenheError) -> web.Response:
    """For whoever has no session: no page of ours around it."""
    return web.Response(text=f"{error}\n", status=_status(error))


def _nothing(asked: Asked) -> Answer:
    raise RequestError("request.absent", status=404)


async def style_sheet(request: web.Request) -> web.Response:
    """The one style sheet; nothing of the unit stands in it, so anybody may have it."""
    text = (resources.files("fenhe_node") / "static/console.css").read_text(encoding="utf-8")
    return web.Response(text=text, content_type="text/css")


async def _end_errands(app: web.Application) -> None:
    """What a handler left to go on by itself ends with the console; the jobs do it again."""
    errands = list(app[CONSOLE].errands)
    for errand in errands:
        errand.cancel()
    await asyncio.gather(*errands, return_exceptions=True)


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
