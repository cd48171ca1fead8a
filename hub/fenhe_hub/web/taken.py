"""What the gateway says it has taken of sealed bodies: `in/<H(unit origin)>/<log>/taken`."""

import asyncio
import sqlite3
from contextlib import closing

from aiohttp import web

from fenhe_client.stored.files import ROOT
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.mirror.sealed_ledger import minus, note_taken
from fenhe_hub.web.feed_files import admit_content
from fenhe_hub.web.inbox import log_name
from fenhe_hub.web.serving import SERVING
from fenhe_protocol.errors import RequestError
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.taken import Range, parse_taken

_SEALED = 2  # its number in the index


async def taken_bodies(request: web.Request) -> web.Response:
    """Keep it; 204. Only a reader whose grant lists `nat`, so no unit, may say so."""
    serving = request.app[SERVING]
    reader, content = await admit_content(request, serving)
    place = serving.places.find(request.match_info["origin"])
    if place is None or place.log != ROOT or not reader.is_granted(SEALED_TIER, place.unit):
        raise RequestError("request.tier", status=403, where=SEALED_TIER)
    origin = f"{place.unit}/{log_name(request.match_info['log'])}"
    ranges = parse_taken(content)
    await asyncio.to_thread(_note, serving.hub, origin, ranges, serving.now())
    return web.Response(status=204, headers={"Cache-Control": "no-store"})


def _note(hub: Hub, origin: str, ranges: tuple[Range, ...], now: int) -> None:
    log = MirrorLog(hub.home, origin)
    head = log.head()
    size = head.size if head else 0
    if ranges[-1][1] > size:
        raise RequestError(
            "taken.size", status=422, where=origin, expected=f"<= {size}", found=str(ranges[-1][1])
        )
    # What is missing here cannot have been taken from here: it may still come.
    here = minus(ranges, _missing(hub, origin))
    note_taken(log.folder, here, now)


def _missing(hub: Hub, origin: str) -> list[Range]:
    uri = f"{hub.home.index.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=60)) as db:
        rows = db.execute(
            "SELECT idx, stop FROM gap JOIN log USING(log_no) WHERE origin = ? AND tier = ?",
            [origin, _SEALED],
        )
        return rows.fetchall()
