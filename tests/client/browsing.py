"""Somebody at a browser before a console, a node's or the hub's, on a real socket."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from yarl import URL

PASSWORD = "汾河-流过-太原-2026"
Seen = tuple[int, str, Mapping[str, str]]  # status, text, headers
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


@asynccontextmanager
async def before(app: web.Application) -> AsyncIterator["Browser"]:
    """Somebody before an application."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with TestServer(app) as server, aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(server, http)


class Browser:
    """Keeps cookies, and the token of the page it saw last."""

    def __init__(self, server: BaseTestServer, http: aiohttp.ClientSession) -> None:
        self._server, self._http = server, http
        self.token, self.hide_cookies = "", False
        self.body = b""  # of the last answer

    def cookies(self) -> set[str]:
        return {morsel.value for morsel in self._http.cookie_jar}

    async def get(
        self, path: str, *, follow: bool = True, headers: Mapping[str, str] | None = None
    ) -> Seen:
        """Open a page."""
        headers = headers or {}
        if self.hide_cookies:
            async with aiohttp.ClientSession() as http:
                return await self._seen(http, "GET", path, follow, headers, None)
        return await self._seen(self._http, "GET", path, follow, headers, None)

    async def post(
        self,
        path: str,
        *,
        follow: bool = True,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **fields: str,
    ) -> Seen:
        """Send a form with the token of the page seen last."""
        form = [("token", self.token if token is None else token), *fields.items()]
        return await self._seen(self._http, "POST", path, follow, headers or {}, form)

    async def send(self, path: str, form: list[tuple[str, str]], *, follow: bool = True) -> Seen:
        """Send a form in which a name may stand several times."""
        fields = [("token", self.token), *form]
        return await self._seen(self._http, "POST", path, follow, {}, fields)

    async def upload(
        self, path: str, content: bytes, *, name: str = "file", token: str | None = None,
        file_name: str = "台账.xlsx", **fields: str
    ) -> Seen:  # fmt: skip
        """Send a file."""
        form = aiohttp.FormData()
        form.add_field("token", self.token if token is None else token)
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field(name, content, filename=file_name)
        return await self._seen(self._http, "POST", path, True, {}, form)

    async def send_raw(self, path: str, body: object, headers: Mapping[str, str]) -> Seen:
        """Send whatever it is."""
        return await self._seen(self._http, "POST", path, True, headers, body)

    async def sign_in(self, name: str) -> None:
        await self.get("/sign-in")
        status, _, _ = await self.post("/sign-in", name=name, password=PASSWORD)
        assert status == 200

    async def _seen(
        self,
        http: aiohttp.ClientSession,
        method: str,
        path: str,
        follow: bool,
        headers: Mapping[str, str],
        data: object,
    ) -> Seen:
        url = self._server.make_url("/").join(URL(path))
        async with http.request(
            method, url, headers=headers, data=data, allow_redirects=follow
        ) as answer:
            self.body = await answer.read()
            text = self.body.decode("utf-8", "replace")
            if found := _TOKEN.search(text):
                self.token = found[1]
            return answer.status, text, dict(answer.headers)
