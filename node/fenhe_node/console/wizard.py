"""The first hour in a browser, before there is a home: an application of its own, on loopback.

Whoever opens the address that the terminal shows gets the one session there is; the token in it is
good once. Start at `Wizard`.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from urllib.parse import quote

from aiohttp import web

from fenhe_client.console.forms import LARGEST_BODY, read_form
from fenhe_client.console.frame import hidden_token, load_templates, style_sheet
from fenhe_client.console.guard import HEADERS, LOOPBACK, STYLE, check_origin
from fenhe_client.console.sessions import Session
from fenhe_node.console.wizard_pages import context, marked_workbook, root_document
from fenhe_node.console.wizard_steps import DOINGS, Desk
from fenhe_node.delivery import deliver
from fenhe_node.hubs.push import unwatched
from fenhe_node.node import open_node
from fenhe_node.setup.handover import render_sheet
from fenhe_node.setup.looking import look
from fenhe_protocol.errors import FenheError, RequestError

COOKIE = "fenhe-setup"
SECONDS_BETWEEN = 3
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET_RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_ENTER = (
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
    '<meta http-equiv="refresh" content="0; url=/">'
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Wizard:
    """The application, the token of its address, and when it was told to end."""

    def __init__(self, desk: Desk) -> None:
        self.token = secrets.token_urlsafe(24)
        self.ended = asyncio.Event()
        self._desk = desk
        self._session: Session | None = None
        self._templates = load_templates("fenhe_node", 0)

    def make_app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._guard])
        app.router.add_get("/", self._show)
        app.router.add_get(STYLE, style_sheet)
        app.router.add_get("/marked", self._marked)
        app.router.add_get("/root-1", self._root)
        app.router.add_get("/sheet.html", self._sheet)
        app.router.add_post("/end", self._end)
        app.router.add_post("/{step}", self._do)
        app.on_response_prepare.append(_finish)
        app.cleanup_ctx.append(self._delivering)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if answer := self._admit(request):
                return answer
            return await handler(request)
        except FenheError as error:
            status = error.status if isinstance(error, RequestError) else 422
            return web.Response(text=f"{error}\n", status=status)

    def _admit(self, request: web.Request) -> web.StreamResponse | None:
        """None for whoever may go on; RequestError 403 for all others."""
        host = request.host.rpartition(":")[0] or request.host
        if host.lower() not in LOOPBACK:
            raise RequestError("console.host", status=403, expected="127.0.0.1", found=request.host)
        came_first = self._came_first(request.cookies.get(COOKIE, ""))
        if request.method == "GET" and (token := request.query.get("token", "")):
            if came_first:
                return web.Response(text=_ENTER, content_type="text/html")
            return self._begin(token)
        check_origin(request)
        if not came_first:
            raise RequestError("setup.token", status=403)
        return None

    def _came_first(self, given: str) -> bool:
        session = self._session
        return session is not None and hmac.compare_digest(session.id.encode(), given.encode())

    def _begin(self, token: str) -> web.StreamResponse:
        if self._session or not hmac.compare_digest(token.encode(), self.token.encode()):
            raise RequestError("setup.token", status=403)
        now = self._desk.now()
        self._session = Session(secrets.token_urlsafe(32), secrets.token_urlsafe(32), now, now)
        # A page of its own and no redirect: a strict cookie is not sent along from elsewhere.
        response = web.Response(text=_ENTER, content_type="text/html")
        response.set_cookie(COOKIE, self._session.id, httponly=True, samesite="Strict", path="/")
        return response

    async def _show(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        shown = await context(self._desk, request.query.get("step", ""))
        template = self._templates.get_template("setup/wizard.html")
        text = template.render(token=hidden_token(self._session), **shown)
        return web.Response(text=text, content_type="text/html")

    async def _do(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        name = request.match_info["step"]
        if name not in DOINGS:
            raise RequestError("request.absent", status=404)
        desk, step = self._desk, ""
        async with read_form(request, self._session.token, desk.path) as form:
            try:
                await DOINGS[name](desk, form)
                desk.typed = {}
                step = (
                    name if name == "lists" and any(each.refused for each in desk.imported) else ""
                )
            except FenheError as error:
                desk.complain(error)
                desk.typed = {key: str(value) for key, value in form.fields.items()}
                step = name
        return web.Response(status=303, headers={"Location": f"/?step={step}" if step else "/"})

    async def _marked(self, request: web.Request) -> web.StreamResponse:
        name, body = await asyncio.to_thread(marked_workbook, self._desk.path)
        return _download(name, body, _EXCEL)

    async def _root(self, request: web.Request) -> web.StreamResponse:
        name, body = await asyncio.to_thread(root_document, self._desk.path)
        return _download(name, body, "application/octet-stream")

    async def _sheet(self, request: web.Request) -> web.StreamResponse:
        page, _ = await asyncio.to_thread(render_sheet, self._desk.path, self._desk.now())
        # Its style stands in the page, so that the file prints without this server.
        headers = {"Content-Security-Policy": _SHEET_RULES}
        return web.Response(body=page, content_type="text/html", charset="utf-8", headers=headers)

    async def _end(self, request: web.Request) -> web.StreamResponse:
        assert self._session is not None
        async with read_form(request, self._session.token, self._desk.path):
            self.ended.set()
        return web.Response(text="已结束, 可以关掉这一页。ended\n")

    async def _delivering(self, app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(self._deliver())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _deliver(self) -> None:
        """Push what is published and look for the receipt, until it is there."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN)
            with suppress(FenheError):
                facts = await asyncio.to_thread(look, self._desk.path, self._desk.now())
                if facts.published and facts.hub and not facts.has_receipts:
                    node = await asyncio.to_thread(open_node, self._desk.path)
                    await deliver(node, {}, self._desk.now, unwatched, wait=False)


def _download(name: str, body: bytes, content_type: str) -> web.Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return web.Response(body=body, content_type=content_type, headers=headers)


async def _finish(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
