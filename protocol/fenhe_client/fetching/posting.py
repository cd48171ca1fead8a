"""Send bytes to a publisher's address and read the answer, as guarded as `fetch` reads files.

`send` answers with any status: what a status means is said by the protocol of who asks.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import ClientResponse, ClientTimeout

from fenhe_client.fetching.addresses import PUBLIC_ONLY, Reach, parse_web_address
from fenhe_client.fetching.answers import judged, retry_after
from fenhe_client.fetching.fetch import Web
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.limits import DEFAULTS, Limits
from fenhe_protocol.strict_json import NotStrictJson, loads

PROBLEM = "application/problem+json"
_PROBLEM_BYTES = 16 * 1024
_MEMBER_LENGTH = 500  # of what another program says of itself, as it is shown


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and how long the answer may take (seconds)."""

    method: str
    address: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = DEFAULTS.connect_seconds + DEFAULTS.idle_seconds


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: `kind` is the media type without parameters."""

    status: int
    kind: str
    body: bytes

    @property
    def problem(self) -> dict[str, str]:
        """The texts of a problem document (RFC 9457), cut short; empty where the answer is none."""
        if self.kind != PROBLEM or len(self.body) > _PROBLEM_BYTES:
            return {}
        try:
            found = loads(self.body)
        except NotStrictJson:
            return {}
        return {
            name: each[:_MEMBER_LENGTH] for name, each in found.items() if isinstance(each, str)
        }

    @property
    def told(self) -> str:
        """The status, and what the other side says to it."""
        shown = (self.problem.get(name, "") for name in ("code", "title", "where", "expected"))
        return " ".join([str(self.status), *filter(None, shown)])


async def post(
    web: Web,
    address: str,
    body: bytes,
    *,
    reach: Reach = PUBLIC_ONLY,
    limit: int = DEFAULTS.note_bytes,
    limits: Limits = DEFAULTS,
) -> Reply:
    """POST a small body; the answer, of at most `limit` bytes, has to come soon; as `send`."""
    patience = limits.connect_seconds + limits.idle_seconds
    letter = Letter("POST", address, body, patience=patience)
    return await send(web, letter, reach=reach, limit=limit)


async def send(
    web: Web, letter: Letter, *, reach: Reach = PUBLIC_ONLY, limit: int = DEFAULTS.note_bytes
) -> Reply:
    """Send a letter; the answer has at most `limit` bytes.

    Raises Deferred where nothing came or the other side is busy (429, 5xx), Refused for a redirect,
    a coding, or too much.
    """
    where = parse_web_address(letter.address, reach).text
    headers = {"Accept-Encoding": "identity", **letter.headers}
    try:
        async with asyncio.timeout(letter.patience):
            with judged(where):
                async with web.session(reach).request(
                    letter.method,
                    where,
                    data=letter.body or None,
                    headers=headers,
                    allow_redirects=False,
                    timeout=ClientTimeout(total=None, sock_read=letter.patience),
                ) as response:
                    return await _checked(response, limit, where)
    except TimeoutError as error:
        raise Deferred("fetch.timeout", where=where) from error


async def _checked(response: ClientResponse, limit: int, where: str) -> Reply:
    status = response.status
    if 300 <= status < 400:
        raise Refused("fetch.redirect", where=where, found=str(status))
    if coding := response.headers.get("Content-Encoding"):
        raise Refused("fetch.coding", where=where, found=coding)
    body = await _read(response, max(limit, _PROBLEM_BYTES), where)
    reply = Reply(status, response.content_type, body)
    if status in (408, 425, 429) or status >= 500:
        wait = retry_after(response.headers.get("Retry-After"), time.time())
        raise Deferred("fetch.busy", where=where, found=reply.told, retry_after=wait)
    return reply


async def _read(response: ClientResponse, limit: int, where: str) -> bytes:
    found = bytearray()
    while chunk := await response.content.readany():
        found += chunk
        if len(found) > limit:
            raise Refused("fetch.size", where=where, expected=f"<= {limit} bytes")
    return bytes(found)
