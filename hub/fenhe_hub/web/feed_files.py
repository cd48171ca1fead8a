"""The hub's feed and the mirror over HTTP, each file under the access rule of feed §1.

A held file is asked for in this order: who asks, may they, is it there; so that nobody who may not
read learns what exists.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web

from fenhe_client.stored.files import ROOT, FolderFiles, read_bundle, read_tile
from fenhe_hub.hub import FED, fed_files, own_roots
from fenhe_hub.index.hidden import is_suspended
from fenhe_hub.read_only import read_only
from fenhe_hub.registry.enrolled import suspended
from fenhe_hub.web.access import TEXT, Asked, Reader, asked, asked_root
from fenhe_hub.web.content import LARGEST_REQUEST, whole_of
from fenhe_hub.web.places import Place
from fenhe_hub.web.problems import not_found
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_protocol.body import encode_line, read_body_file
from fenhe_protocol.errors import RequestError, StoreError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import BodyFile, EntryBundle, Tile, encode_bundle


@dataclass(frozen=True, slots=True)
class Granted:
    """A file that this reader may have; `filtered` is who sees only some of its lines."""

    file: Asked
    files: FolderFiles
    filtered: Reader | None = None


async def own_file(request: web.Request) -> web.StreamResponse:
    """`fed/…`, and `fed.2/…` of every epoch that a root document lists."""
    serving, name = request.app[SERVING], request.match_info["log"]
    file = asked(request.match_info["path"], FED)
    if file is None or serving.hub.root.log(name) is None:
        raise not_found()
    reader = await admit(request, serving) if file.held else None
    if reader is not None and not reader.hears_of_usage:
        raise RequestError("request.tier", status=403, where=file.tier)
    if file.tier == "to":  # given line by line, each to the one unit that it is for (feed §10)
        raise not_found()
    return await _answer(request, Granted(file, fed_files(serving.hub.home, name=name), reader))


async def own_root(request: web.Request) -> web.StreamResponse:
    """`root/<n>` of the hub itself."""
    file = asked_root(f"{ROOT}/{request.match_info['number']}")
    if file is None:
        raise not_found()
    return await _answer(request, Granted(file, own_roots(request.app[SERVING].hub.home)))


async def mirrored_file(request: web.Request) -> web.StreamResponse:
    """`m/<H(origin)>/…`: a log as the unit signed it, or a unit's root documents."""
    serving = request.app[SERVING]
    place = serving.places.find(request.match_info["origin"])
    file = _asked_of(place, request.match_info["path"])
    if file is None or place is None:
        raise not_found()
    if file.held or _is_withdrawn(serving, place, file):
        reader = await admit(request, serving)
        if not reader.may_read(file.tier, place.unit):
            raise RequestError("request.tier", status=403, where=file.tier)
    return await _answer(request, Granted(file, serving.places.files(place)))


def _is_withdrawn(serving: Serving, place: Place, file: Asked) -> bool:
    """Whether these are public bodies of a suspended unit: suspension holds on every way."""
    if not isinstance(file.parsed, BodyFile):
        return False
    if place.unit in suspended(serving.hub.home.registry_file):
        return True
    with read_only(serving.hub.home.index) as db:  # or it is a lower hub that suspended it
        return is_suspended(db, place.unit)


def _asked_of(place: Place | None, path: str) -> Asked | None:
    if place is None:
        return None
    return asked_root(path) if place.log == ROOT else asked(path, place.family)


async def admit(request: web.Request, serving: Serving) -> Reader:
    """Who signed this request; RequestError 401 for anyone else."""
    return (await admit_content(request, serving))[0]


async def admit_content(request: web.Request, serving: Serving) -> tuple[Reader, bytes]:
    """Who signed this request, and what it holds; RequestError 401, 413, 400 where it is slow."""
    body = await whole_of(request, serving.hub.config.limits, LARGEST_REQUEST)
    reader = serving.doormen.admit(
        request.method, request.raw_path, request.headers, body, serving.now()
    )
    return reader, body


async def _answer(request: web.Request, granted: Granted) -> web.StreamResponse:
    if isinstance(granted.file.parsed, BodyFile):
        body = await asyncio.to_thread(_read, granted)
    else:
        body = _read(granted)  # small: handing it to a thread takes longer
    if body is None:
        raise not_found()
    file = granted.file
    etag = sha256(body).hexdigest()[:32]
    headers = {"Cache-Control": file.cache_control, "Content-Type": file.content_type}
    fresh = request.if_none_match and any(each.value == etag for each in request.if_none_match)
    response = web.Response(status=304) if fresh else web.Response(body=body)
    response.headers.update(headers)
    response.etag = etag
    if (
        not fresh
        and file.content_type == TEXT
        and "gzip" in request.headers.get("Accept-Encoding", "")
    ):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _read(granted: Granted) -> bytes | None:
    """The bytes to serve; a partial tile or bundle is cut from the full one where that is left."""
    parsed = granted.file.parsed
    raw = granted.files.read(granted.file.path)
    if isinstance(parsed, BodyFile) and raw is not None and granted.filtered is not None:
        return b"".join(_lines_for(granted.filtered, raw, parsed.index))
    if raw is None and isinstance(parsed, Tile | EntryBundle) and parsed.width < BLOCK:
        return _cut(granted.files, parsed)
    return raw


def _cut(files: FolderFiles, parsed: Tile | EntryBundle) -> bytes | None:
    try:
        if isinstance(parsed, Tile):
            return read_tile(files, parsed)
        return encode_bundle(read_bundle(files, parsed, max_entry=DEFAULTS.leaf_bytes))
    except StoreError:
        return None


def _lines_for(reader: Reader, raw: bytes, block: int) -> Iterator[bytes]:
    """The lines of a held body file of `fed` that concern this reader's units."""
    for line in read_body_file(raw, block)[0]:
        if reader.concerns(str(loads(line.body)["id"])):
            yield encode_line(line)
