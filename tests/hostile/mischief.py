"""How a server answers wrongly, whatever the file holds: one function for each way."""

import asyncio
import gzip
from collections.abc import Callable
from functools import lru_cache

from aiohttp import web

from tests.federation.foreign_server import Mischief

MEBIBYTE = 1 << 20


def status(code: int, **headers: str) -> Mischief:
    """The honest file under a status that is none of 200, 304 and 404."""

    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=code, body=None if code == 204 else body, headers=headers)

    return answer


def instead(other: bytes) -> Mischief:
    """Other bytes than the file's."""

    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=other)

    return answer


async def redirect(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send the reader to another place on this server, which remembers who comes there."""
    raise web.HTTPFound("/elsewhere")


async def redirect_inside(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send the reader to where machines in a cloud keep their secrets, the honest file with it."""
    return web.Response(
        status=301, body=body, headers={"Location": "http://169.254.169.254/latest"}
    )


async def redirect_for_ever(request: web.Request, body: bytes) -> web.StreamResponse:
    """Send the reader round and round."""
    raise web.HTTPPermanentRedirect(request.path)


async def with_advice(request: web.Request, body: bytes) -> web.StreamResponse:
    """The honest file, and much that a browser would obey."""
    headers = {
        "Set-Cookie": "session=1; Path=/",
        "Refresh": "0; url=/elsewhere",
        "Link": "</elsewhere>; rel=preload",
        "Alt-Svc": 'h2="elsewhere.example:443"',
        "Clear-Site-Data": '"*"',
    }
    return web.Response(body=body, headers=headers)


def coded(coding: str, code: Callable[[bytes], bytes]) -> Mischief:
    """The honest bytes in codings that nobody asked for."""

    async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(body=code(body), headers={"Content-Encoding": coding})

    return answer


async def in_another_coding(request: web.Request, body: bytes) -> web.StreamResponse:
    """A coding that nobody asked for; the bytes are the honest ones."""
    return web.Response(body=body, headers={"Content-Encoding": "br"})


@lru_cache
def _bombed(body: bytes) -> bytes:
    return gzip.compress(body + b"\0" * 64 * MEBIBYTE, compresslevel=9)


async def bomb(request: web.Request, body: bytes) -> web.StreamResponse:
    """A few kilobytes that become many megabytes."""
    return web.Response(body=_bombed(body), headers={"Content-Encoding": "gzip"})


async def two_members(request: web.Request, body: bytes) -> web.StreamResponse:
    """A gzip file with something after its first member."""
    whole = gzip.compress(body) + gzip.compress(b"more")
    return web.Response(body=whole, headers={"Content-Encoding": "gzip"})


async def cut_short(request: web.Request, body: bytes) -> web.StreamResponse:
    """Promise the whole and hang up in the middle."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def endless(request: web.Request, body: bytes) -> web.StreamResponse:
    """The honest file, and then more without end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(body + b"x" * 65_536)


async def dripping(request: web.Request, body: bytes) -> web.StreamResponse:
    """A byte now and then: it takes longer for all of them than anyone waits."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    for byte in body:
        await response.write(bytes([byte]))
        await asyncio.sleep(0.3)
    return response


async def silent(request: web.Request, body: bytes) -> web.StreamResponse:
    """Take the request and say nothing."""
    await asyncio.sleep(600)
    return web.Response(body=body)
