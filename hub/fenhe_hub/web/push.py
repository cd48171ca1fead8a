"""Where units send what the hub cannot fetch: heads and entries (tlog-mirror), and the rest signed.

    POST add-checkpoint, add-entries                          proven by what they hold
    PUT in/<H>/<log>/body/<tier>/<N>, in/<H>/root/<n>         signed by the unit (feed §8, §9)
    GET in/<H>/<log>/missing

Start at `add_push_room`; the signed ones are in `signed_push`.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing

from aiohttp import web

from fenhe_hub.push.pending import add_checkpoint
from fenhe_hub.push.uploads import Upload, UploadConflict
from fenhe_hub.web.content import chunks_of, whole_of
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_hub.web.signed_push import add_signed_push
from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import Limits
from fenhe_protocol.upload import (
    INFO_TYPE,
    UPLOAD_TYPE,
    MirrorInfo,
    Package,
    UploadHeader,
    UploadParser,
    compose_mirror_info,
)
from fenhe_protocol.witness import MOST_BYTES, SIZE_TYPE, SizeConflict, parse_add_checkpoint

# What stops the content only: what came before it counts (tlog-mirror, "Processing").
_BREAKS_OFF = (400, 429, 503)
_PACKAGE_BYTES = 512 * 1024  # what an upload holds in memory: a package, and what it came in


def add_push_room(app: web.Application, serving: Serving) -> None:
    """Take pushes below the hub's path."""
    base = serving.hub.config.path
    app.router.add_post(base + "/add-checkpoint", post_checkpoint)
    app.router.add_post(base + "/add-entries", post_entries)
    add_signed_push(app, base)
    app.on_cleanup.append(_close)


async def _close(app: web.Application) -> None:
    app[SERVING].reception.close()


async def post_checkpoint(request: web.Request) -> web.Response:
    """`add-checkpoint`: 200 with no content; a mirror does not cosign here."""
    serving = request.app[SERVING]
    raw = await whole_of(request, serving.hub.config.limits, MOST_BYTES)
    try:
        await add_checkpoint(serving.reception, parse_add_checkpoint(raw))
    except SizeConflict as conflict:
        return _answer(409, conflict.body, SIZE_TYPE)
    return web.Response(headers={"Cache-Control": "no-store"})


async def post_entries(request: web.Request) -> web.Response:
    """`add-entries`: 200 with our cosignature, 202 and 409 with where to go on."""
    serving = request.app[SERVING]
    if request.content_type != UPLOAD_TYPE:
        raise RequestError(
            "push.coding", status=415, expected=UPLOAD_TYPE, found=request.content_type
        )
    try:
        done = await (await _receive(request, serving)).finish()
    except UploadConflict as conflict:
        return _answer(409, conflict.body, INFO_TYPE)
    if isinstance(done, MirrorInfo):
        return _answer(202, compose_mirror_info(done), INFO_TYPE)
    return _answer(200, done, "text/plain; charset=utf-8")


async def _receive(request: web.Request, serving: Serving) -> Upload:
    """Take what comes; where it breaks off, what is proven counts."""
    upload: Upload | None = None
    parts = _parts_of(request, serving.hub.config.limits)
    try:
        async with AsyncExitStack() as held, aclosing(parts):
            async for part in parts:
                if isinstance(part, UploadHeader):
                    sender = _sender(request, serving, part.origin)
                    room = serving.reception.uploads.held(sender, _PACKAGE_BYTES)
                    await held.enter_async_context(room)
                    upload = await Upload.begin(serving.reception, part)
                elif upload is not None:
                    await upload.take(part)
    except RequestError as error:
        if error.status not in _BREAKS_OFF or upload is None or not upload.proven:
            raise
    if upload is None:
        raise RequestError("upload.short", found="no header")
    return upload


def _sender(request: web.Request, serving: Serving, origin: str) -> str:
    """The unit of this log if it signed, else nobody: all strangers share one unit's room.

    The length of a held log is told to its unit alone: RequestError 401, 403 (ADR 0008).
    """
    unit, _, log = origin.rpartition("/")
    try:
        if unit not in _signers(request, serving):
            raise RequestError("request.tier", status=403)
    except RequestError:
        if log.startswith("usage"):
            raise
        return ""
    return unit


def _signers(request: web.Request, serving: Serving) -> frozenset[str]:
    """The units that list the key that signed; RequestError 401."""
    # Over the content as the signer has it; the entries themselves are proven.
    claimed = request.headers.get("Content-Digest")
    if not claimed:
        raise RequestError("request.unsigned", status=401, where="content-digest")
    reader = serving.doormen.admit_head(
        request.method, request.raw_path, request.headers, claimed, serving.now()
    )
    return reader.owned


async def _parts_of(request: web.Request, limits: Limits) -> AsyncGenerator[UploadHeader | Package]:
    """The header, then package by package until the sequence or the content ends."""
    parser = UploadParser(limits)
    async with aclosing(chunks_of(request, limits, gzip=True)) as chunks:
        async for chunk in chunks:
            for part in parser.feed(chunk):
                yield part
            if parser.is_complete:
                return


def _answer(status: int, body: bytes, content_type: str) -> web.Response:
    headers = {
        "Content-Type": content_type,
        "Cache-Control": "no-store",
        "Accept-Encoding": "gzip",  # what may be sent here (RFC 9110 §12.5.3)
    }
    return web.Response(status=status, body=body, headers=headers)
