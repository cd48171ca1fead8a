"""A national platform that refuses everything and quotes what it was sent, ever differently.

It answers SOAP over HTTP well and badly: results, faults, pages, headers, half answers.
"""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

from aiohttp import web

from deploy.nrii_receiver.server import ENVELOPE, NAMESPACE, SERVICE, WSDL

XML = "text/xml"


def _soap(inner: str) -> str:
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{inner}</s:Body></s:Envelope>'


def _result(code: str, beside: str = "") -> str:
    response = f'<n:instruInfoResponse xmlns:n="{NAMESPACE}"><return>{code}</return>'
    return _soap(f"<!--{beside}-->{response}</n:instruInfoResponse>")


def _fault(said: str, detail: str = "") -> str:
    return _soap(
        f"<s:Fault><faultcode>{detail[:20]}</faultcode><faultstring>{said}</faultstring>"
        f"<detail><x>{detail}</x></detail></s:Fault>"
    )


def _numbered(text: str) -> str:
    return "".join(f"&#x{ord(sign):x};" for sign in text)


def _split(text: str) -> str:
    return "".join(f"<b>{html.escape(text[at : at + 3])}</b>" for at in range(0, len(text), 3))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it was": html.escape,
    "escaped twice": lambda text: html.escape(html.escape(text)),
    "as numbers": _numbered,
    "as JSON": lambda text: html.escape(json.dumps(text)),
    "as JSON twice": lambda text: html.escape(json.dumps(json.dumps(text))),
    "as an address": quote,
    "as base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in capitals": lambda text: html.escape(text.upper()),
    "cut off": lambda text: html.escape(text[: len(text) // 2]),
    "in pieces": _split,
}

Answer = Callable[[str], web.Response]
ELSEWHERE = "/elsewhere"


def _with(text: str, status: int = 200, kind: str = XML) -> web.Response:
    return web.Response(text=text, status=status, content_type=kind, charset="utf-8")


def _in_a_header(text: str) -> web.Response:
    raw = base64.b64encode(text.encode()).decode()
    return web.Response(status=500, headers={"X-Reason": text[:60], "X-More": raw[:900]})


ANSWERS: list[Answer] = [
    lambda text: _with(_result("202", text.replace("-", ""))),
    lambda text: _with(_result(html.escape(text))),  # no number at all
    lambda text: _with(_result(html.escape(text)), 500),
    lambda text: _with(f"<html>{html.escape(text)}</html>", 500, "text/html"),
    lambda text: _with(f"<{text}", 200),
    lambda text: _with(f"<{text}", 500),
    lambda text: _with(text, 200, "text/plain"),
    lambda text: _with(_soap(f"<other>{html.escape(text)}</other>")),
    lambda text: _with("", 404),
    _in_a_header,
    lambda text: web.Response(status=302, headers={"Location": "/" + quote(text[:200])}),
    lambda text: web.Response(status=307, headers={"Location": ELSEWHERE}),
]


def _faulty(spell: Callable[[str], str]) -> Answer:
    return lambda text: _with(_fault(spell(text), spell(text)), 500)


ANSWERS += map(_faulty, SPELLINGS.values())
PLAINLY = ANSWERS[0]  # an answer: after a few calls without one a sender rests


def make_app(asked: list[str]) -> web.Application:
    """Every other call gets the next way of answering; `asked` takes the records as they came."""

    async def wsdl(request: web.Request) -> web.Response:
        address = str(request.url.with_query(None))
        text = WSDL.read_text("utf-8").replace("@ADDRESS@", address)
        return web.Response(text=text, content_type=XML)

    async def call(request: web.Request) -> web.Response:
        text = html.unescape((await request.text()).partition("<instruList>")[2].partition("</")[0])
        asked.append(text)
        turn, plainly = divmod(len(asked) - 1, 2)
        return (PLAINLY if plainly else ANSWERS[turn % len(ANSWERS)])(text)

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(ELSEWHERE)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", ELSEWHERE, elsewhere)
    app.router.add_get(SERVICE, wsdl)
    app.router.add_post(SERVICE, call)
    return app
