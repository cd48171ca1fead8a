"""`in/<H(unit origin)>/to/<index>`: what is said to one unit alone, signed by it (feed §10).

The index is one of `fed`; of a later epoch its name stands before it, `to/fed.2/<index>`. That a
unit has fetched a notice is kept with the request that it signed: it proves that it was delivered.
"""

import asyncio
import logging

from aiohttp import web

from fenhe_client.stored.files import ROOT
from fenhe_hub.fed.to_unit import LineToUnit, line_to
from fenhe_hub.hub import FED
from fenhe_hub.office.acting import Office
from fenhe_hub.office.noticing import note_fetched
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.web.access import TEXT
from fenhe_hub.web.feed_files import admit
from fenhe_hub.web.problems import not_found
from fenhe_hub.web.serving import SERVING, Serving
from fenhe_protocol.encoding import parse_decimal
from fenhe_protocol.errors import FenheError, RequestError
from fenhe_protocol.notice import Notice

_LOGGER = logging.getLogger("fenhe_hub.to_unit")
_PROOF = ("signature-input", "signature")


def add_to_unit(app: web.Application, serving: Serving) -> None:
    """Give units what is said to them."""
    base = serving.hub.config.path + "/in/{origin:[0-9a-f]{64}}/to"
    app.router.add_get(base + "/{index:[0-9]{1,16}}", line_to_unit)
    app.router.add_get(base + r"/{log:fed\.[1-9][0-9]*}/{index:[0-9]{1,16}}", line_to_unit)


async def line_to_unit(request: web.Request) -> web.Response:
    """One body line; whatever is not for who asks is the same 404."""
    serving = request.app[SERVING]
    reader = await admit(request, serving)
    place = serving.places.find(request.match_info["origin"])
    if place is None or place.log != ROOT or place.unit not in reader.owned:
        raise RequestError("request.tier", status=403)
    log = request.match_info.get("log", FED)
    found = await asyncio.to_thread(line_to, serving.hub, place.unit, log, _index(request))
    if found is None:
        raise not_found()
    if found.kind == Notice.kind:
        proof = {name: request.headers[name] for name in _PROOF}
        uri = f"{serving.hub.config.public_host}{request.raw_path}"
        await asyncio.to_thread(_note, serving, place.unit, found, {"uri": uri, **proof})
    headers = {"Cache-Control": "private, no-cache", "Content-Type": TEXT}
    return web.Response(body=found.line, headers=headers)


def _note(serving: Serving, unit: str, found: LineToUnit, proof: dict[str, str]) -> None:
    """Keep that the notice was fetched; that it cannot be kept takes it from nobody."""
    enrolled = Registry(serving.hub.home.registry_file).get(unit)
    try:
        office = Office(serving.hub, serving.now)
        note_fetched(office, found.id, enrolled.uscc if enrolled else "", proof)
    except FenheError as error:
        _LOGGER.error("%s: %s", found.id, error)


def _index(request: web.Request) -> int:
    try:
        return parse_decimal(request.match_info["index"])
    except ValueError:
        raise not_found() from None
