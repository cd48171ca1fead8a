"""One look at an address from outside: somebody answers there, nobody does, or nothing is known.

Asked is as little as can be: HEAD, and GET only where that is not answered well, for many a server
does not understand it or hangs up on it; of a body the first bytes are read. Nothing is followed,
sent or kept. The address that a name leads to is judged when the socket is made, as for every other
request (`fetching`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import ClientSession, ClientTimeout, StreamReader
from yarl import URL

from fenhe_client.fetching.addresses import WEB_PORTS
from fenhe_client.fetching.answers import judged
from fenhe_hub.outside.robots import MOST_BYTES, Robots
from fenhe_protocol.errors import FenheError

AGENT = "fenhe-hub"
"""The name to which `robots.txt` may speak."""

_SECONDS = 20.0
_ENOUGH_BYTES = 1_024
_FREE_PORTS = 1_024  # below it stand other services, which nobody wants asked in HTTP
_DENIED = frozenset({401, 403, 407})  # somebody is there, and lets not everybody in
_TOO_MANY = 429
_UNREACHED = frozenset({"fetch.address", "fetch.connect", "fetch.tls"})  # whatever is asked
_ABSENT_ROBOTS = range(400, 500)


class Seen(StrEnum):
    """What a look came to."""

    ANSWERS = "answers"
    FAILS = "fails"
    UNKNOWN = "unknown"  # it could not be seen: what was known before stands
    BARRED = "barred"  # the site lives and asks us not to look: nothing is known any more


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen, and why: the code of an error, or the status of the answer."""

    seen: Seen
    why: str = ""

    @property
    def is_in_vain(self) -> bool:
        """Whether nobody answered at all, not even to say no."""
        return self.seen is Seen.FAILS and not self.why.isdecimal()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: a pool of guarded connections and how it presents itself."""

    session: ClientSession
    agent: str

    async def look(self, address: URL) -> Look:
        """Look at one address."""
        look = await self._asked("HEAD", address)
        if look.seen is Seen.FAILS and look.why not in _UNREACHED:
            return await self._asked("GET", address)
        return look

    async def robots(self, address: URL) -> Robots | Look:
        """What the site of an address asks; or what is known already without asking it.

        A site that has no such file asks nothing; one that fails there is not asked further.
        """
        where = address.with_path("/robots.txt").with_query(None).with_fragment(None)
        try:
            status, body = await self._ask("GET", where, MOST_BYTES)
        except FenheError as error:
            return Look(Seen.FAILS, error.code)
        if status == 200:
            return Robots.read(body, AGENT)
        if (status in _ABSENT_ROBOTS and status != _TOO_MANY) or 300 <= status < 400:
            return Robots()
        return Look(Seen.UNKNOWN, str(status))

    async def _asked(self, method: str, address: URL) -> Look:
        try:
            status, _ = await self._ask(method, address, _ENOUGH_BYTES)
        except FenheError as error:
            return Look(Seen.FAILS, error.code)
        if status == _TOO_MANY:
            return Look(Seen.UNKNOWN, str(status))
        answers = status < 400 or status in _DENIED
        return Look(Seen.ANSWERS if answers else Seen.FAILS, str(status))

    async def _ask(self, method: str, address: URL, limit: int) -> tuple[int, bytes]:
        headers = {"User-Agent": self.agent, "Accept-Encoding": "identity"}
        with judged(str(address)):
            async with (
                asyncio.timeout(_SECONDS),
                self.session.request(
                    method,
                    address,
                    headers=headers,
                    allow_redirects=False,
                    timeout=ClientTimeout(total=_SECONDS),
                ) as response,
            ):
                return response.status, await _beginning(response.content, limit)


async def _beginning(content: StreamReader, limit: int) -> bytes:
    """The first bytes; what comes after them is let go with the connection."""
    found = bytearray()
    while len(found) < limit and (chunk := await content.read(limit - len(found))):
        found += chunk
    return bytes(found)


def may_be_asked(text: str) -> URL | None:
    """The address as it is asked for; None for one that this program does not turn to at all."""
    try:
        address = URL(text)
        port = address.port
    except ValueError:
        return None
    if address.scheme not in ("http", "https") or not address.host or port is None:
        return None
    if address.user is not None or address.password is not None:
        return None
    return address.with_fragment(None) if port in WEB_PORTS or port >= _FREE_PORTS else None
