"""NEMO's interface, page by page, through the guarded reader. Start at `fetch_tables`.

The address of the next page is counted here: what the answer says of it is not followed. Pages
shift while somebody works in the system, so records are told apart by their numbers and counted.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY
from fenhe_client.fetching.fetch import HttpFetcher, Web, required
from fenhe_client.sheets.dates import HERE
from fenhe_node.settings.sources import SourceSettings
from fenhe_node.sources.nemo import NEEDED, Object, Tables
from fenhe_node.sources.records import MOST_RECORDS
from fenhe_protocol.errors import Deferred, InputError
from fenhe_protocol.limits import DEFAULTS

PAGE_RECORDS = 1000
_PAGE_BYTES = 16 * 1024 * 1024
_LIMITS = replace(DEFAULTS, visit_bytes=256 * 1024 * 1024, visit_seconds=600.0)
_TRIES = 2


async def fetch_tables(settings: SourceSettings, token: str, since: int | None) -> Tables:
    """Fetch what the rows of `settings.table` need; `since`: events that ended from then on only.

    Deferred where the system is away or shifts, Refused, InputError `source.json`.
    """
    reach = PRIVATE_TOO if settings.allow_private else PUBLIC_ONLY
    headers = {"Authorization": f"Token {token}"} if token else {}
    async with Web(_LIMITS) as web:
        fetcher = web.open(settings.place, reach=reach, signer=lambda method, uri: headers)
        found = {}
        for table in NEEDED[settings.table]:
            asked = {}
            if table == "usage_events" and since is not None:
                asked = {"end__gte": _written(since - settings.look_back_days * 86_400)}
            found[table] = await _whole(fetcher, settings.place, table, asked)
        return found


def _written(posix: int) -> str:
    return (datetime.fromtimestamp(0, HERE) + timedelta(seconds=max(posix, 0))).isoformat()


async def _whole(
    fetcher: HttpFetcher, place: str, table: str, asked: Mapping[str, str]
) -> list[Object]:
    for _ in range(_TRIES):
        found, count = await _pages(fetcher, f"{place}/{table}/", table, asked)
        if count is None or len(found) >= count:
            return found
    raise Deferred(
        "source.shifting", where=f"{place}/{table}/", expected=str(count), found=str(len(found))
    )


async def _pages(
    fetcher: HttpFetcher, where: str, table: str, asked: Mapping[str, str]
) -> tuple[list[Object], int | None]:
    """All records once each, and how many the system says there are."""
    found: dict[str, Object] = {}
    for page in range(1, MOST_RECORDS // PAGE_RECORDS + 2):
        query = urlencode({**asked, "page": page, "page_size": PAGE_RECORDS, "format": "json"})
        raw = await required(fetcher, f"{table}/?{query}", limit=_PAGE_BYTES)
        records, count, more = _page(raw, where)
        found |= {str(each.get("id", f"#{len(found) + n}")): each for n, each in enumerate(records)}
        if not more or not records:
            return list(found.values()), count
    raise InputError("source.size", where=where, expected=f"≤ {MOST_RECORDS} 条 records")


def _page(raw: bytes, where: str) -> tuple[list[Object], int | None, bool]:
    try:
        answer: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError("source.json", where=where, found=type(error).__name__) from error
    paged = isinstance(answer, dict)
    records = answer.get("results") if paged else answer
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise InputError("source.json", where=where, expected='{"results": [{…}, …]}')
    if not paged:
        return records, None, False
    count = answer.get("count")
    return records, count if isinstance(count, int) else None, bool(answer.get("next"))
