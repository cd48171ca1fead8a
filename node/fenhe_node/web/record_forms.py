"""Other forms of a public record: PIDINST, DataCite, and its calendar of busy times."""

import asyncio
import json

from aiohttp import web

from fenhe_node.pages.citing import Cited, datacite, pidinst
from fenhe_node.web.pages import asked_record, site_of
from fenhe_node.web.problem import not_found
from fenhe_node.web.record import busy_text, cited
from fenhe_node.web.serving import SERVING

NO_CACHE = {"Cache-Control": "no-cache"}
KEPT_SECONDS = 30 * 86_400  # how far back a calendar goes


async def pidinst_json(request: web.Request) -> web.Response:
    """`/record.pidinst.json?kind=instrument&id=…`."""
    text = pidinst_text(await _cited(request))
    return web.Response(text=text, content_type="application/json", headers=NO_CACHE)


def pidinst_text(named: Cited) -> str:
    """PIDINST as JSON."""
    return json.dumps(pidinst(named), ensure_ascii=False, indent=1) + "\n"


async def datacite_xml(request: web.Request) -> web.Response:
    """`/record.datacite.xml?kind=instrument&id=…`."""
    text = datacite(await _cited(request))
    return web.Response(text=text, content_type="application/xml", headers=NO_CACHE)


async def busy_calendar(request: web.Request) -> web.Response:
    """`/free-busy.ics?id=…`: when an instrument is taken, without by whom."""
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    record = catalogue.records.get(("instrument", request.query.get("id", "")))
    if record is None:
        raise not_found()
    text = await asyncio.to_thread(busy_text, serving, record, KEPT_SECONDS)
    return web.Response(text=text, content_type="text/calendar", headers=NO_CACHE)


async def _cited(request: web.Request) -> Cited:
    serving = request.app[SERVING]
    catalogue = await serving.shelf.catalogue()
    record = asked_record(catalogue, request)
    if record.kind != "instrument":
        raise not_found()
    return cited(record, catalogue, serving, site_of(serving, catalogue))
