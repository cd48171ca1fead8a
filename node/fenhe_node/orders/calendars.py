"""Read the calendars that instruments name (`booking_free_busy`), every hour. Start at `look`.

A calendar that cannot be read keeps what was read before, with its age; the page shows both.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY, Reach
from fenhe_client.fetching.fetch import Web
from fenhe_node.orders.foreign_calendar import LARGEST, read_calendar
from fenhe_node.published import read_catalogue
from fenhe_node.store import Store, calendars
from fenhe_node.store.calendars import StoredCalendar
from fenhe_protocol.errors import Deferred, FenheError

DAY = 86_400
WINDOW = 35 * DAY
AT_ONCE = 4
MOST = 2000


async def look(
    public: Path, store_file: Path, now: int, offset_minutes: int, *, private: bool
) -> int:
    """Read all calendars that are published; how many could not be."""
    named = await asyncio.to_thread(_named, public)
    reach = PRIVATE_TOO if private else PUBLIC_ONLY
    gate = asyncio.Semaphore(AT_ONCE)
    async with Web() as web:

        async def one(instrument: str, address: str) -> StoredCalendar:
            async with gate:
                return await _read(web, reach, instrument, address, now, offset_minutes)

        found = await asyncio.gather(*(one(*each) for each in named.items()))
    await asyncio.to_thread(_keep, store_file, found)
    return sum(1 for calendar in found if calendar.trouble)


def _named(public: Path) -> Mapping[str, str]:
    instruments = read_catalogue(public).of("instrument")
    named = {r.id: str(r.fields.get("booking_free_busy", "")) for r in instruments}
    return dict([(id, address) for id, address in named.items() if address][:MOST])


async def _read(
    web: Web, reach: Reach, instrument: str, address: str, now: int, offset_minutes: int
) -> StoredCalendar:
    tried = StoredCalendar(instrument, address, now)
    base, _, path = address.rpartition("/")
    try:
        answer = await web.open(base, reach=reach).get(path, limit=LARGEST)
        if answer.status != 200:
            raise Deferred("fetch.status", where=address, found=str(answer.status))
        reading = await asyncio.to_thread(
            read_calendar, answer.body, now - DAY, now + WINDOW, offset_minutes
        )
    except FenheError as error:
        return replace(tried, trouble=str(error))
    except ValueError as error:
        return replace(tried, trouble=f"iCalendar: {error}"[:200])
    spans = [(span.begin, span.end) for span in reading.spans]
    return replace(tried, read_at=now, spans=spans, repeats=reading.repeats)


def _keep(store_file: Path, found: list[StoredCalendar]) -> None:
    with Store.open(store_file) as store, store.transaction():
        for calendar in found:
            old = calendars.find(store, calendar.instrument)
            if calendar.trouble and old and old.address == calendar.address:
                calendar = replace(old, tried_at=calendar.tried_at, trouble=calendar.trouble)
            calendars.put(store, calendar)
        calendars.forget_others(store, [calendar.instrument for calendar in found])
