"""Fetch a publisher's files over HTTP, trusting nothing of what answers (feed §6, §12).

`Fetcher` is the seam: one file by its path below a base address. `Web` owns the sockets of a whole
program, one session for public addresses and one for those that an operator allowed besides;
`Web.open` gives the fetcher of one visit. The address is checked when a socket is made for it, so
a name that changes its mind and a literal address are both seen.
"""

import asyncio
import re
import resource
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver
from yarl import URL

from fenhe_client.fetching.addresses import PUBLIC_ONLY, Reach, parse_web_address, standing_of
from fenhe_client.fetching.answers import ABSENT, OK, ForbiddenAddress, check_status, judged
from fenhe_client.fetching.decoding import Decoder
from fenhe_client.fetching.interim import PlainAnswer
from fenhe_client.fetching.transfer import Budget, Pace
from fenhe_protocol.errors import Deferred
from fenhe_protocol.limits import DEFAULTS, Limits

Signer = Callable[[str, str], Mapping[str, str]]
"""(method, target URI) -> the headers that sign a request without content (feed §8)."""

_AddressInfo = tuple[
    int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]
]

_CONNECTIONS = 2048  # more than the visits of a hub hold at once, those that hang included
_CONNECTIONS_PER_HOST = 8
_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "fenhe"}
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher answered: 200 with the decoded body, 304 or 404."""

    status: int
    body: bytes = b""
    etag: str = ""


class Fetcher(Protocol):
    """Where the files of one publisher come from."""

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """Fetch one file of at most `limit` decoded bytes.

        With `etag` the answer may be 304; `fresh` asks past every cache. Raises Deferred or
        Refused; 404 is an answer, for the caller knows whether the file may be absent.
        """
        ...


async def required(fetcher: Fetcher, path: str, *, limit: int) -> bytes:
    """Fetch a file that has to be there; its absence is DEFER."""
    answer = await fetcher.get(path, limit=limit)
    if answer.status == ABSENT:
        raise Deferred("fetch.absent", where=path)
    return answer.body


class Web:
    """All HTTP that a program does as a reader: two pools of connections, closed together."""

    def __init__(self, limits: Limits = DEFAULTS, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver
        # Kept apart, so that no connection opened under a wider reach serves a narrower one.
        self._sessions: dict[bool, ClientSession] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def open(
        self, base: str, *, reach: Reach = PUBLIC_ONLY, signer: Signer | None = None
    ) -> "HttpFetcher":
        """Begin a visit to the publisher at `base`; its bytes and seconds count from here."""
        address = parse_web_address(base, reach)
        return HttpFetcher(self.session(reach), address.text, self._limits, signer)

    def session(self, reach: Reach) -> ClientSession:
        """The pool of connections within a reach; it closes with this object."""
        session = self._sessions.get(reach.private)
        if session is None:
            session = self._sessions[reach.private] = self._open_session(reach)
        return session

    def _open_session(self, reach: Reach) -> ClientSession:
        connector = TCPConnector(
            limit=_most_connections(),
            limit_per_host=_CONNECTIONS_PER_HOST,
            resolver=self._resolver,
            socket_factory=lambda info: _guarded_socket(info, reach),
        )
        return ClientSession(
            connector=connector,
            response_class=PlainAnswer,
            cookie_jar=DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
            timeout=ClientTimeout(
                total=None,
                sock_connect=self._limits.connect_seconds,
                sock_read=self._limits.idle_seconds,
            ),
        )


class HttpFetcher:
    """The fetcher of one visit over HTTP."""

    def __init__(
        self, session: ClientSession, base: str, limits: Limits, signer: Signer | None
    ) -> None:
        self._session, self._base, self._limits, self._signer = session, base, limits, signer
        self._clock = asyncio.get_running_loop().time
        self._budget = Budget(limits, self._clock)

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """Fetch one file under every limit of feed §12."""
        where = f"{self._base}/{path}"
        headers_by = self._clock() + self._limits.connect_seconds + self._limits.idle_seconds
        try:
            async with asyncio.timeout_at(min(headers_by, self._budget.deadline)) as due:
                with judged(where):
                    return await self._get(where, limit, etag, fresh, due)
        except TimeoutError as error:
            if due.when() != self._budget.deadline:
                raise Deferred("fetch.timeout", where=where) from error
            raise self._budget.out_of_time(where) from error

    async def _get(
        self, where: str, limit: int, etag: str, fresh: bool, due: asyncio.Timeout
    ) -> Answer:
        headers = self._headers(where, etag, fresh)
        url = URL(where, encoded=True)
        response = await self._session.get(url, headers=headers, allow_redirects=False)
        due.reschedule(self._budget.deadline)
        async with response:
            status = check_status(response, conditional=bool(etag), now=time.time(), where=where)
            if status != OK:
                return Answer(status)
            body = await self._read(response, limit, where)
            etag = response.headers.get("ETag", "")
            return Answer(OK, body, etag if _ETAG.fullmatch(etag) else "")

    def _headers(self, uri: str, etag: str, fresh: bool) -> dict[str, str]:
        headers = dict(self._signer("GET", uri)) if self._signer else {}
        if etag:
            headers["If-None-Match"] = etag
        if fresh:
            headers["Cache-Control"] = "no-cache"
        return headers

    async def _read(self, response: ClientResponse, limit: int, where: str) -> bytes:
        coding = ", ".join(response.headers.getall("Content-Encoding", ())).strip().lower()
        decoder = Decoder(coding, limit, where)
        if not coding and (response.content_length or 0) > limit:
            raise decoder.too_large(str(response.content_length))
        pace = Pace(self._limits, self._clock, where)
        while chunk := await response.content.readany():
            pace.count(len(chunk))
            self._budget.spend(decoder.feed(chunk), where)
        return decoder.finish()


def _most_connections() -> int:
    """So many that no visit waits for another one's, in half the files that may be open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _CONNECTIONS if files < 0 else min(_CONNECTIONS, max(files // 2, 1))


def _guarded_socket(info: _AddressInfo, reach: Reach) -> socket.socket:
    """Make the socket for one resolved address, or refuse to."""
    family, kind, protocol, _, address = info
    if not reach.admits(standing_of(str(address[0]))):
        raise ForbiddenAddress(str(address[0]))
    return socket.socket(family=family, type=kind, proto=protocol)
