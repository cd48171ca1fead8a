"""What is served to one unit alone, at `in/<H(unit origin)>/…`, signed by that unit (feed §10)."""

import asyncio

from aiohttp import web

from fenhe_client.stored.files import ROOT
from fenhe_hub.fed.refusals import rejected
from fenhe_hub.web.feed_files import admit
from fenhe_hub.web.problems import not_found
from fenhe_hub.web.serving import SERVING
from fenhe_protocol.encoding import parse_decimal
from fenhe_protocol.errors import RequestError
from fenhe_protocol.leaf import split_log_name


async def rejected_bodies(request: web.Request) -> web.Response:
    """`<log>/rejected?after=<index>`: what was refused of this log, and the last visit.

    `witnesses` are the keys whose times count here, if a head had their line in time (feed §9).
    """
    serving = request.app[SERVING]
    reader = await admit(request, serving)
    place = serving.places.find(request.match_info["origin"])
    if place is None or place.log != ROOT or place.unit not in reader.owned:
        raise RequestError("request.tier", status=403)
    log = log_name(request.match_info["log"])
    after = _after(request.query.get("after"))
    found = await asyncio.to_thread(rejected, serving.hub.home, f"{place.unit}/{log}", after=after)
    found["witnesses"] = [witness.verifier.text for witness in serving.hub.config.witnesses]
    return web.json_response(found, headers={"Cache-Control": "private, no-cache"})


def log_name(text: str) -> str:
    """The name of a log in an address; 404."""
    try:
        split_log_name(text)
    except ValueError:
        raise not_found() from None
    return text


def _after(text: str | None) -> int:
    try:
        return -1 if text is None else parse_decimal(text)
    except ValueError:
        raise RequestError("request.parameter", status=400, where="after") from None
