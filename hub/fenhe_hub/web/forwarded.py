"""How each instrument stands at the national platform, for the gateway alone: `forwarded`.

A service goes there only after its instrument, and the gateway, which sends services, knows nothing
of the hub's outbox but this (ADR 0009).
"""

import asyncio
from collections.abc import Iterator
from contextlib import closing

from aiohttp import web

from fenhe_hub.hub import Hub
from fenhe_hub.read_only import read_only
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.web.access import Reader
from fenhe_hub.web.feed_files import admit
from fenhe_hub.web.serving import SERVING
from fenhe_protocol.errors import RequestError
from fenhe_protocol.forwarded import ACCEPTED, WAITING, Standing, compose_forwarded
from fenhe_protocol.record import SEALED_TIER


async def forwarded_instruments(request: web.Request) -> web.Response:
    """Those of the units whose tier `nat` this reader may read; 403 for units themselves."""
    serving = request.app[SERVING]
    reader = await admit(request, serving)
    if SEALED_TIER not in reader.tiers:
        raise RequestError("request.tier", status=403, where=SEALED_TIER)
    body = await asyncio.to_thread(_compose, serving.hub, reader)
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, content_type="application/json", headers=headers)


def _compose(hub: Hub, reader: Reader) -> bytes:
    return compose_forwarded(_standings(hub, reader))


def _enrolled(hub: Hub) -> set[str]:
    """Who is enrolled by all that is known, hubs beneath too; what we decided holds at once."""
    with read_only(hub.home.index) as db:
        rows = db.execute("SELECT origin FROM unit WHERE state = 'enrolled'")
        enrolled = {origin for (origin,) in rows}
    own = Registry(hub.home.registry_file)
    return enrolled - {unit.origin for unit in own if not unit.is_enrolled}


def _standings(hub: Hub, reader: Reader) -> Iterator[Standing]:
    if not hub.home.outbox.exists():
        return
    enrolled = _enrolled(hub)
    with closing(OutboxStore(hub.home.outbox)) as outbox:
        for item in outbox.items():
            key = item.candidate
            unit = key.origin.rpartition("/")[0]
            if (
                key.kind == "instrument"
                and unit in enrolled
                and reader.is_granted(SEALED_TIER, unit)
            ):
                state = WAITING if item.delivered_sha256 is None else ACCEPTED
                yield Standing(key.uscc, key.record_id, state)
