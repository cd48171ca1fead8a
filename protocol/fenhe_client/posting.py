"""Send bytes to a publisher's address and read the answer, as guarded as `fetch` reads files.

`post` answers with any status: what a status means is said by the protocol of who asks.
"""

import asyncio
import time
from dataclasses import dataclass

from aiohttp import ClientResponse

from fenhe_client.addresses import PUBLIC_ONLY, Reach, parse_web_address
from fenhe_client.answers import judged, retry_after
from fenhe_client.fetch import Web
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.limits import DEFAULTS, Limits


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: `kind` is the media type without parameters."""

    status: int
    kind: str
    body: bytes


async def post(
    web: Web,
    address: str,
    body: bytes,
    *,
    reach: Reach = PUBLIC_ONLY,
    limit: int = DEFAULTS.note_bytes,
    limits: Limits = DEFAULTS,
) -> Reply:
    """POST a small body; the answer, of at most `limit` bytes, has to come soon.

    Raises Deferred where nothing came or the other side is busy (429, 5xx), Refused for a redirect,
    a coding, or too much.
    """
    where = parse_web_address(address, reach).text
    session = web.session(reach)
    try:
        async with asyncio.timeout(limits.connect_seconds + limits.idle_seconds):
            with judged(where):
                async with session.post(
                    where,
                    data=body,
                    headers={"Accept-Encoding": "identity"},
                    allow_redirects=False,
                ) as response:
                    _check(response, where)
                    return Reply(
                        response.status, response.content_type, await _read(response, limit, where)
                    )
    except TimeoutError as error:
        raise Deferred("fetch.timeout", where=where) from error


def _check(response: ClientResponse, where: str) -> None:
    status = response.status
    if status in (408, 425, 429) or status >= 500:
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        raise Deferred("fetch.busy", where=where, found=str(status), retry_after=wait)
    if 300 <= status < 400:
        raise Refused("fetch.redirect", where=where, found=str(status))
    if coding := response.headers.get("Content-Encoding"):
        raise Refused("fetch.coding", where=where, found=coding)


async def _read(response: ClientResponse, limit: int, where: str) -> bytes:
    found = bytearray()
    while chunk := await response.content.readany():
        found += chunk
        if len(found) > limit:
            raise Refused("fetch.size", where=where, expected=f"<= {limit} bytes")
    return bytes(found)
