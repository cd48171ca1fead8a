"""Who may ask the console for anything. Start at `admit`.

Where nobody has to sign in, only names of this machine are answered (a page of somebody else's
could have its own name lead here: DNS rebinding). Where accounts exist they sign in, and any name
is answered. Without a browser's word that a form comes from a page of our own, and
without the session's token (`forms`), nothing is done.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aiohttp import web

from fenhe_client.console.door import Door
from fenhe_client.console.sessions import Session
from fenhe_protocol.errors import RequestError

SIGN_IN = "/sign-in"
STYLE = "/console.css"
# Whoever passes requests on from elsewhere often names this machine as the host.
_OF_PROXIES = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`: with that a browser calls the origin of a form `null`.
    "Referrer-Policy": "same-origin",
    "Server": "fenhe",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Admitted:
    """A session, and whether its cookie is to be set."""

    session: Session
    is_new: bool


class AskAgain(Exception):
    """The request comes from a page elsewhere, so the browser keeps the cookie back: ask again."""


def admit(request: web.Request, door: Door) -> Admitted:
    """The session of a request; RequestError 403, HTTPSeeOther to where one signs in, AskAgain."""
    must_sign_in, now = door.must_sign_in(), door.now()
    if not must_sign_in:
        _check_host(request, door)
    check_origin(request)
    session = door.sessions.find(request.cookies.get(cookie_name(door), ""), now)
    if session and session.who and session.stamp != door.stamp(session.who):
        door.sessions.end(session)
        session = None
    if session is None and _is_from_elsewhere(request):
        raise AskAgain
    if must_sign_in and not (session and session.who) and not is_open(request.path):
        raise web.HTTPSeeOther(f"{SIGN_IN}?next={quote(request.path_qs, safe='')}")
    if session is not None:
        return Admitted(session, is_new=False)
    return Admitted(door.sessions.begin(now), is_new=True)


def is_open(path: str) -> bool:
    """Whether whoever has not signed in may ask for it: to sign in, and for the style sheet."""
    return path in (SIGN_IN, STYLE) or path.startswith(f"{SIGN_IN}/")


def cookie_name(door: Door) -> str:
    """A name of its own for each origin: cookies do not tell ports apart."""
    return f"fenhe-console-{hashlib.sha256(door.origin.encode()).hexdigest()[:12]}"


def set_cookie(
    request: web.Request, response: web.StreamResponse, door: Door, session: Session
) -> None:
    """Give the browser its session; over https only, where it came by it."""
    by_proxy = request.headers.get("X-Forwarded-Proto", "")  # who makes it up harms himself alone
    response.set_cookie(
        cookie_name(door),
        session.id,
        httponly=True,
        samesite="Strict",
        secure="https" in (by_proxy, request.headers.get("Origin", "").partition(":")[0]),
        path="/",
    )


def inside(path: str) -> str:
    """A path of the console from what a query says; the first page instead of anything else."""
    whole = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if whole and path.isprintable() and not urlsplit(path).netloc else "/"


def _check_host(request: web.Request, door: Door) -> None:
    name, colon, port = request.host.rpartition(":")
    host = (name if colon and port.isdecimal() else request.host).lower()
    proxied = any(name in request.headers for name in _OF_PROXIES)
    if proxied or not door.loopback or host not in LOOPBACK:
        raise RequestError("console.host", status=403, expected="127.0.0.1", found=request.host)


def check_origin(request: web.Request) -> None:
    """A form must come from a page of this very host; nothing of ours is put into others' pages."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method in ("GET", "HEAD"):
        mode = request.headers.get("Sec-Fetch-Mode", "navigate")
        if site in ("cross-site", "same-site") and mode != "navigate":
            raise RequestError("console.origin", status=403, found=site)
        return
    origin = request.headers.get("Origin", "")
    if site != "same-origin" or (origin and origin.partition("://")[2] != request.host):
        raise RequestError("console.origin", status=403, found=origin or site)


def _is_from_elsewhere(request: web.Request) -> bool:
    return (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        and request.path != STYLE
    )
