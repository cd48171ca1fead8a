"""What a unit alone may send and ask below `in/<H(unit origin)>/`, signed by it (feed §8, §9).

Who asks is known before the content is read: no stranger makes the hub read much.
"""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from fenhe_client.keys.roots import keep_roots, stored_roots
from fenhe_client.keys.second_root import second_of
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import ROOT, root_path
from fenhe_hub.mirror.evidence import keep_second_root
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.push.bodies import missing_lines, take_lines
from fenhe_hub.push.reception import PushedLog
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.web.content import whole_of
from fenhe_hub.web.problems import not_found
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_protocol.errors import PublisherError, RequestError
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.published_keys import check_unpublished
from fenhe_protocol.request import content_digest
from fenhe_protocol.root_document import open_next
from fenhe_protocol.tiles import BodyFile, parse_path

_TIERS = ("pub", "hub", "nat")


@dataclass(frozen=True, slots=True)
class _Sender:
    """An enrolled unit that signed, and the digest of what it says to send."""

    unit: str
    claimed: str | None


def add_signed_push(app: web.Application, base: str) -> None:
    """Add the routes below the hub's path."""
    place = base + "/in/{origin:[0-9a-f]{64}}"
    app.router.add_put(place + "/root/{number:[1-9][0-9]{0,3}}", put_root)
    app.router.add_put(place + "/{log}/{path:body/.+}", put_bodies)
    app.router.add_get(place + "/{log}/missing", get_missing)


async def put_bodies(request: web.Request) -> web.Response:
    """`<log>/body/<tier>/<N>`: body lines of one block, all of them or none."""
    serving = request.app[SERVING]
    sender, stated = _sender(request, serving), request.content_length
    size = DEFAULTS.push_bytes if stated is None else min(stated, DEFAULTS.push_bytes)
    async with serving.reception.slots.held(sender.unit, size):
        content = await _content(request, serving, sender, DEFAULTS.push_bytes)
        file, pushed = _body_file(request), _log(request, serving, sender)
        await take_lines(serving.reception, pushed, file, content)
    return _done()


async def get_missing(request: web.Request) -> web.Response:
    """`<log>/missing`: which bodies are still to come."""
    serving = request.app[SERVING]
    sender = _sender(request, serving)
    await _content(request, serving, sender, 0)
    pushed = _log(request, serving, sender)
    lines = await missing_lines(serving.reception, pushed)
    headers = {"Content-Type": "text/plain", "Cache-Control": "private, no-store"}
    return web.Response(body=lines, headers=headers)


async def put_root(request: web.Request) -> web.Response:
    """`root/<n>`: the unit's next root document."""
    serving = request.app[SERVING]
    sender = _sender(request, serving)
    content = await _content(request, serving, sender, DEFAULTS.note_bytes)
    number = int(request.match_info["number"])
    await asyncio.to_thread(_keep_root, serving, sender.unit, number, content)
    serving.doormen.forget()
    return _done()


def _keep_root(serving: Serving, origin: str, number: int, content: bytes) -> None:
    home = serving.hub.home
    unit = Registry(home.registry_file).get(origin)
    if unit is None or not unit.is_enrolled:
        raise RequestError("request.tier", status=403, where=origin)
    files, where = root_files(home, unit.origin), f"{unit.origin} {root_path(number)}"
    if (known := files.read(root_path(number))) is not None:
        if known != content:
            documents = stored_roots(files)[:number]
            if (second := second_of(documents, content)) is not None:
                keep_second_root(home, second, Disk())
            raise RequestError("push.root", status=409, where=where)
        return
    root = current_root(home, unit.origin, unit.root1)
    if number != root.n + 1:
        raise RequestError("push.root", status=409, where=where, expected=root_path(root.n + 1))
    try:
        # Nobody fetches from its address while it pushes, so that may be any.
        newer = open_next(root, content, allow_loopback_http=True)
        check_unpublished(newer)
    except PublisherError as error:
        raise RequestError(
            error.code, status=422, where=where, expected=error.expected, found=error.found
        ) from error
    keep_roots(files, [newer])


def _sender(request: web.Request, serving: Serving) -> _Sender:
    """Who signed, before anything is read; RequestError 401, 403."""
    claimed = request.headers.get("Content-Digest") if request.can_read_body else None
    reader = serving.doormen.admit_head(
        request.method, request.raw_path, request.headers, claimed, serving.now()
    )
    place = serving.places.find(request.match_info["origin"])
    if place is None or place.log != ROOT or place.unit not in reader.owned:
        raise RequestError("request.tier", status=403)
    return _Sender(place.unit, claimed)


async def _content(request: web.Request, serving: Serving, sender: _Sender, most: int) -> bytes:
    """What was sent, if it is what was signed; RequestError 401, 413."""
    content = await whole_of(request, serving.hub.config.limits, most)
    found = content_digest(content) if content else None
    if found != sender.claimed:
        raise RequestError(
            "request.digest", status=401, expected=found or "", found=sender.claimed or "none"
        )
    return content


def _log(request: web.Request, serving: Serving, sender: _Sender) -> PushedLog:
    return serving.reception.find(f"{sender.unit}/{request.match_info['log']}")


def _body_file(request: web.Request) -> BodyFile:
    try:
        parsed = parse_path(request.match_info["path"])
    except ValueError:
        raise not_found() from None
    if not isinstance(parsed, BodyFile) or parsed.tier not in _TIERS:
        raise not_found()
    return parsed


def _done() -> web.Response:
    return web.Response(status=204, headers={"Cache-Control": "no-store"})
