"""`/files/<hash>.<kind>`: the unit's photos and documents, each judged again before it goes out."""

import asyncio
import hashlib
import re
from pathlib import Path

from aiohttp import web

from fenhe_node.access import IMMUTABLE
from fenhe_node.attaching.judged import CONTENT_TYPES, kind_of
from fenhe_node.web.problem import not_found
from fenhe_node.web.serving import SERVING
from fenhe_protocol.errors import InputError

_NAME = re.compile(r"([0-9a-f]{64})\.(jpg|pdf)")


async def show_file(request: web.Request) -> web.Response:
    """Serve one file; 404 for what its name or its first bytes do not say it is."""
    name = request.match_info["name"]
    data = await asyncio.to_thread(read_file, request.app[SERVING].home.files, name)
    if data is None:
        raise not_found()
    headers = {
        "Cache-Control": IMMUTABLE,
        # A document is shown by the browser's own reader; nothing in it may run or load.
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return web.Response(
        body=data, content_type=CONTENT_TYPES[name.rpartition(".")[2]], headers=headers
    )


def read_file(folder: Path, name: str) -> bytes | None:
    """The bytes that hash to the name and are of its kind; None for anything else."""
    named = _NAME.fullmatch(name)
    if named is None:
        return None
    try:
        data = (folder / name).read_bytes()
        kind_of(data, (named[2],))
    except (OSError, InputError):
        return None
    return data if hashlib.sha256(data).hexdigest() == named[1] else None
