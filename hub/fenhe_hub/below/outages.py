"""When the hub to which a unit delivers was away, by its own log: added to the unit's due times.

A unit that comes by one hub beneath alone can deliver nowhere else. The gaps between the heartbeats
of that hub's `fed`, as it lies in our mirror, are outages for it as our own are (feed §10).
"""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache

from fenhe_hub.below.judging import Beneath
from fenhe_hub.below.view import look
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.index.facts import outages_of
from fenhe_hub.mirror.heartbeats import heartbeats
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.rules.facts import Outage
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.tiles import blocks_between

_BLOCKS_REMEMBERED = 16_384  # full ones, which do not change


def outages_beneath(hub: Hub, db: sqlite3.Connection, now: int) -> dict[str, tuple[Outage, ...]]:
    """The outages of the one hub by which each unit comes, by the unit's origin."""
    below = look(hub.home, hub.origin, db)
    direct = {unit.origin for unit in Registry(hub.home.registry_file) if not unit.learned}
    open_hubs = [each.unit.origin for each in below.hubs.values() if each.is_open]
    of_hub = {origin: outages_of(_beats(hub.home, db, origin), now) for origin in open_hubs}
    return {
        origin: of_hub[unit.ways[0].hub]
        for origin, unit in below.units.items()
        if origin not in direct and _comes_by_one(unit, open_hubs)
    }


def _comes_by_one(unit: Beneath, open_hubs: list[str]) -> bool:
    return len(unit.ways) == 1 and unit.ways[0].hub in open_hubs


def merged(outages: Iterable[Outage]) -> tuple[Outage, ...]:
    """The times in which any of them falls, none counted twice."""
    found: list[Outage] = []
    for each in sorted(outages, key=lambda outage: outage.start):
        if found and each.start <= found[-1].end:
            found[-1] = Outage(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return tuple(found)


def _beats(home: Home, db: sqlite3.Connection, hub: str) -> Iterator[int]:
    """`t` of every heartbeat of a hub's log, through its epochs."""
    rows = db.execute(
        "SELECT l.origin, l.size FROM main.log l JOIN main.unit u USING(unit_no)"
        " WHERE u.origin = ? AND l.name GLOB 'fed*' ORDER BY l.epoch",
        [hub],
    )
    for origin, size in rows.fetchall():
        for block in blocks_between(0, size):
            stop = min(size, (block + 1) * BLOCK)
            yield from _times(home, origin, block * BLOCK, stop)


@lru_cache(_BLOCKS_REMEMBERED)
def _times(home: Home, origin: str, start: int, stop: int) -> tuple[int, ...]:
    return tuple(beat.time for _, beat in heartbeats(MirrorLog(home, origin), start, stop))
