"""Units beneath taken up: their root documents read from the mirrors of the hubs that name them.

What a lower hub says of a unit is worth what the unit itself signed: only with its root document 1,
whose fingerprint the `reg` names, can anything of it be verified. Once that is here our own `fed`
says the `reg`, and its logs are read like all others. Start at `take_up`.
"""

import asyncio
import logging
import sqlite3

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import Web
from fenhe_client.keys.roots import keep_roots, read_roots, stored_roots
from fenhe_hub.below.copies import Mirrored, open_mirrors
from fenhe_hub.below.judging import Beneath
from fenhe_hub.below.view import look
from fenhe_hub.hub import Hub
from fenhe_hub.mirror.roots import root_files
from fenhe_protocol.errors import FenheError, Refused
from fenhe_protocol.root_document import RootDocument

_LOGGER = logging.getLogger("fenhe_hub.visiting.taking_up")
_AT_ONCE = 4


async def take_up(hub: Hub, web: Web, db: sqlite3.Connection) -> int:
    """Read what is still to be read; how many units came new. What fails is tried again."""
    below = look(hub.home, hub.origin, db)
    mirrors = open_mirrors(hub.home, db, below)
    for refused in below.refused:
        _LOGGER.warning(
            "%s: reg of %s refused: %s, %s, found %s",
            *(refused.hub, refused.origin, refused.code, refused.expected, refused.found),
        )
    for lower in below.hubs.values():
        if lower.code:
            _LOGGER.warning("%s: %s, found %s", lower.unit.origin, lower.code, lower.found)
    wanted = [
        (unit, [mirrors[way.hub] for way in unit.ways if way.hub in mirrors])
        for origin, unit in below.units.items()
        if not stored_roots(root_files(hub.home, origin))
    ]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(unit: Beneath, ways: list[Mirrored]) -> bool:
        async with turn:
            return await _take_up(hub, web, unit, ways)

    return sum(await asyncio.gather(*(one(unit, ways) for unit, ways in wanted)))


async def _take_up(hub: Hub, web: Web, unit: Beneath, ways: list[Mirrored]) -> bool:
    """Read one unit's root documents on the first way that has them."""
    for mirrored in ways:
        try:
            documents = await _read(web, unit, mirrored)
        except FenheError as error:
            _LOGGER.warning("%s by %s: %s", unit.told.origin, mirrored.hub.origin, error)
            continue
        keep_roots(root_files(hub.home, unit.told.origin), documents)
        return True
    return False


async def _read(web: Web, unit: Beneath, mirrored: Mirrored) -> tuple[RootDocument, ...]:
    told, private = unit.told, mirrored.hub.allow_private
    read = await read_roots(
        web.open(mirrored.folder(told.origin), reach=PRIVATE_TOO if private else PUBLIC_ONLY),
        (),
        fingerprint=told.root1,
        origin=told.origin,
        allow_loopback_http=private,
    )
    if read.document.unit != told.uscc:
        raise Refused(
            "root.origin", where=told.origin, expected=told.uscc, found=read.document.unit
        )
    return read.added
