"""A round of looks: which addresses are due, site by site, and what is made of it. `look_outside`.

Each address is looked at once in `probe_hours`, unit by unit in turn; one site at a time, with a
pause between two requests, and only where its `robots.txt` lets us. A round in which nobody at all
answered and no unit was heard of late says more of our own network than of theirs: it counts for
nothing, and the time until one counts again is added to whoever was failing before.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import orjson
from yarl import URL

from fenhe_client.fetching.addresses import PRIVATE_TOO, PUBLIC_ONLY, Reach
from fenhe_client.fetching.fetch import Web
from fenhe_hub.agenda.visits import looked_up
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.outside.book import Address, Key, open_book
from fenhe_hub.outside.looking import AGENT, Look, Seen, Visitor, may_be_asked
from fenhe_hub.outside.robots import Robots
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.rules.addresses import ADDRESSES, addresses_in

_LOGGER = logging.getLogger("fenhe_hub.outside")

_MOST_A_ROUND = 2_000
_MOST_OF_SITE = 200
_ROUND_SECONDS = 45 * 60.0  # what is left then is the next round's, an hour after this one began
_AWAY_SECONDS = 2 * 3600  # as long as the hub may be silent in its own log (feed §10)
_SLACK_SECONDS = 600  # a round that begins a little early finds what it would find
_IN_VAIN = 3  # failures to connect in a row after which a site is left alone

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Due:
    key: Key
    address: URL
    reach: Reach

    @property
    def site(self) -> tuple[str, bool]:
        """Those of one site are asked one after the other."""
        return str(self.address.origin()), self.reach.private


async def look_outside(
    hub: Hub, clock: Clock, stop: threading.Event | None = None, pause: float = 1.0
) -> Mapping[Key, Look]:
    """Look at what is due, and keep what was seen; nothing is kept where `probe_hours` is 0."""
    if not hub.config.probe_hours or not hub.home.index.exists():
        _forget(hub.home)
        return {}
    now, given = clock(), _given(hub)
    with open_book(hub.home) as book:
        book.forget_others(given)
        last, due = book.looked_at(), _due(given, book.all(), now - _hours(hub))
        async with Web(hub.config.limits) as web:
            round_ = _Round(web, f"{AGENT} (+{hub.config.public_url})", stop, pause)
            looks = await round_.look(due)
        if _cut_off(hub.home, looks.values(), now):
            _LOGGER.warning("nobody answered from outside: the hub itself may be cut off")
            return {}
        gap = now - last if last else 0
        book.keep(looks, now, gap if gap > _AWAY_SECONDS else 0)
    return looks


def _hours(hub: Hub) -> int:
    return hub.config.probe_hours * 3600 - _SLACK_SECONDS


def _forget(home: Home) -> None:
    """What nobody looks at any more is no ground to stand on."""
    if home.outside.exists():
        with open_book(home) as book:
            book.forget_others()


def _given(hub: Hub) -> dict[Key, _Due]:
    """Every address that the record of a judged unit gives and that is asked at all."""
    own = {each.origin: each for each in Registry(hub.home.registry_file)}
    kinds = orjson.dumps([*ADDRESSES]).decode()
    found: dict[Key, _Due] = {}
    with closing(open_index(hub.home.index)) as db:
        rows = db.execute(
            "SELECT u.uscc, u.origin, r.kind, r.pub FROM resource r JOIN unit u USING(unit_no)"
            " WHERE u.state = 'enrolled' AND u.depth = 0 AND r.deleted_on IS NULL"
            " AND r.pub IS NOT NULL AND r.kind IN (SELECT value FROM json_each(?))",
            [kinds],
        )
        for uscc, origin, kind, public in rows:
            for _, url in addresses_in(kind, orjson.loads(public)):
                if (uscc, url) not in found and (address := may_be_asked(url)) is not None:
                    unit = own.get(origin)
                    # Only where the operator let us come to a private place of this unit already.
                    near = unit is not None and unit.allow_private
                    same = near and unit is not None and URL(unit.url).host == address.host
                    found[uscc, url] = _Due((uscc, url), address, _reach(same))
    return found


def _reach(private: bool) -> Reach:
    return PRIVATE_TOO if private else PUBLIC_ONLY


def _due(given: Mapping[Key, _Due], known: Mapping[Key, Address], before: int) -> list[_Due]:
    """What was not looked at since: of each unit in turn one, so that none takes all the time.

    Of one unit what fails comes first, then what was looked at longest ago.
    """
    never = Address("", "")
    old = [(known.get(key, never), each) for key, each in given.items()]
    old = [(seen, each) for seen, each in old if seen.looked_at <= before]
    old.sort(key=lambda each: (each[0].failing_since is None, each[0].looked_at, each[1].key))
    turns = Counter[str]()
    ranked: list[tuple[int, _Due]] = []
    for _, each in old:
        ranked.append((turns[each.key[0]], each))
        turns[each.key[0]] += 1
    ranked.sort(key=lambda pair: pair[0])
    return [each for _, each in islice(ranked, _MOST_A_ROUND)]


def _cut_off(home: Home, looks: Collection[Look], now: int) -> bool:
    """Whether it may well be our own network that is away."""
    if not looks or not all(each.is_in_vain for each in looks):
        return False
    heard = looked_up(home.visits, "SELECT max(seen_at) FROM visit")
    return not heard or (heard[0][0] or 0) < now - _AWAY_SECONDS


class _Round:
    """The looks of one round."""

    def __init__(self, web: Web, agent: str, stop: threading.Event | None, pause: float) -> None:
        self._web, self._agent, self._pause = web, agent, pause
        self._stop = stop or threading.Event()
        self._until = time.monotonic() + _ROUND_SECONDS

    @property
    def _is_over(self) -> bool:
        return self._stop.is_set() or time.monotonic() > self._until

    async def look(self, due: Iterable[_Due]) -> dict[Key, Look]:
        """Look at all of them, one site after the other, as far as time goes."""
        sites: dict[tuple[str, bool], list[_Due]] = {}
        for each in due:
            sites.setdefault(each.site, []).append(each)
        looks: dict[Key, Look] = {}
        for some in sites.values():
            if self._is_over:
                break
            looks |= await self._look_at_site(some)
        return looks

    async def _look_at_site(self, due: list[_Due]) -> dict[Key, Look]:
        visitor = Visitor(self._web.session(due[0].reach), self._agent)
        robots = await visitor.robots(due[0].address)
        if isinstance(robots, Look):
            return {each.key: robots for each in due}
        looks: dict[Key, Look] = {}
        same: dict[URL, Look] = {}
        in_vain = 0
        for each in due:
            if each.address not in same:
                if self._is_over or len(same) == _MOST_OF_SITE or in_vain == _IN_VAIN:
                    break
                same[each.address] = look = await self._look_at(visitor, robots, each.address)
                in_vain = in_vain + 1 if look.is_in_vain else 0
            looks[each.key] = same[each.address]
        return looks

    async def _look_at(self, visitor: Visitor, robots: Robots, address: URL) -> Look:
        if not robots.allow(address.raw_path_qs):
            return Look(Seen.BARRED, "robots.txt")
        await asyncio.sleep(self._pause)
        return await visitor.look(address)
