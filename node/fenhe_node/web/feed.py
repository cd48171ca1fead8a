"""The files of the feed over HTTP, with the access rule of feed §1."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from fenhe_node.access import Asked, asked
from fenhe_node.web.problem import not_found
from fenhe_node.web.serving import SERVING, Serving
from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import DEFAULTS

PATIENCE_SECONDS = DEFAULTS.idle_seconds  # for what a request holds: next to nothing

SMALL = 65_536  # bytes: tiles, bundles of entries, checkpoints, root documents
ANSWERED_SECONDS = 2 * 86_400  # at a former address; readers look for root documents once a day


async def feed_file(request: web.Request) -> web.StreamResponse:
    """Serve one file; who may not read it is told so before anyone looks whether it exists."""
    serving = request.app[SERVING]
    file = asked(request.match_info["path"])
    if file is None:
        raise not_found()
    if file.tier != "pub":
        await admit(request, serving, file)
    path = serving.home.path / file.tree / file.path
    headers = {"Cache-Control": file.cache_control, "Content-Type": file.content_type}
    return whole_file(request, path, headers) or web.FileResponse(path, headers=headers)


def whole_file(
    request: web.Request, path: Path, headers: Mapping[str, str]
) -> web.StreamResponse | None:
    """A small file at once: handing it to a thread takes longer than reading it; None for others.

    Its tag is FileResponse's: a file that has grown is known by it all the same.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > SMALL:
                return None
            body = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise not_found() from error
    etag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    fresh = any(each.value in (etag, "*") for each in request.if_none_match or ())
    response = web.Response(status=304) if fresh else web.Response(body=body)
    response.headers.update(headers)
    response.etag, response.last_modified = etag, status.st_mtime
    return response


async def admit(request: web.Request, serving: Serving, file: Asked) -> None:
    """Let an enrolled reader pass: RequestError 401 for anyone else, 403 for a tier not its own."""
    await asyncio.to_thread(serving.readers.refresh)
    _verify(request, serving, await _content(request))
    if file.tier not in serving.config.hub_tiers:
        raise RequestError("request.tier", status=403, where=file.tier)


async def _content(request: web.Request) -> bytes | None:
    """What a request holds; RequestError 400 where it is not here soon."""
    if not request.can_read_body:
        return None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await request.read()
    except TimeoutError as error:
        raise RequestError("push.broken", status=400, found="too slow") from error


def _verify(request: web.Request, serving: Serving, body: bytes | None) -> None:
    """Verify the signature; a reader that has not heard of a move signs the former address."""
    *hosts, last = dict.fromkeys(asked_hosts(serving))
    for host in hosts:
        with suppress(RequestError):
            serving.verifier.verify(
                request.method, host + request.raw_path, request.headers, body, serving.now()
            )
            return
    serving.verifier.verify(
        request.method, last + request.raw_path, request.headers, body, serving.now()
    )


def asked_hosts(serving: Serving) -> list[str]:
    """Scheme and host of each address, former ones first: `@target-uri` is built from these.

    A former address may be somebody else's by and by, who would pass on what is asked of him.
    """
    since = serving.now() - ANSWERED_SECONDS
    former = [urlsplit(address) for address, left in serving.former.items() if left > since]
    return [*(f"{url.scheme}://{url.netloc}" for url in former), serving.config.public_host]
