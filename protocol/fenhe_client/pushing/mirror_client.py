"""What a unit sends to a mirror and asks of it, request by request (tlog-mirror, feed §9 Push).

One method for each endpoint; each says what the answer means. `push` puts them in their order. The
mirror is believed in nothing but its cosignature, which the caller verifies.
"""

import asyncio
import gzip
import os
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass

from fenhe_client.fetching.addresses import PRIVATE_TOO
from fenhe_client.fetching.fetch import Web
from fenhe_client.fetching.posting import Letter, Reply, send
from fenhe_protocol.encoding import format_time, parse_decimal
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.request import sign_request
from fenhe_protocol.tiles import BODY_TIERS, BodyFile
from fenhe_protocol.upload import (
    INFO_TYPE,
    UPLOAD_TYPE,
    MirrorInfo,
    Package,
    UploadHeader,
    parse_mirror_info,
)
from fenhe_protocol.witness import SIZE_TYPE, AddCheckpoint, compose_add_checkpoint

_OK, _ACCEPTED, _NO_CONTENT, _ABSENT, _CONFLICT = 200, 202, 204, 404, 409
_MISSING_BYTES = 1024 * 1024

_REFUSALS = {
    "witness.root": "push.forked",
    "witness.proof": "push.forked",
    "log.quarantined": "push.quarantined",
}

UNENROLLED = "把 root/1 和指纹交给省平台登记; give root/1 and the fingerprint to the hub's operator"
ONE_COPY = (
    "停下所有拷贝, 只留与省平台一致的那一份, 用 restore 核对; 没有别的拷贝, 就是密钥被盗. "
    "Stop all copies, keep the one that agrees with the hub, compare by `restore`; "
    "if there is no other copy, the key is stolen"
)
SET_CLOCK = "校准本机时钟, 再试; set this machine's clock, then try again"


def patience(size: int) -> float:
    """Seconds until a request of so many bytes is answered: the mirror judges all that came first.

    It has the time that the least pace needs, as the mirror gives it: a thin line is no fault.
    """
    return DEFAULTS.visit_seconds + size / DEFAULTS.least_bytes_per_second


@dataclass(frozen=True, slots=True)
class Answered:
    """What `add-entries` came to: cosignature lines (200), else where to go on (202 or 409)."""

    lines: bytes = b""
    info: MirrorInfo | None = None
    conflict: bool = False


class MirrorClient:
    """One hub's mirror, asked on behalf of one unit; `now` gives POSIX seconds."""

    def __init__(
        self, web: Web, url: str, unit: str, key: SigningKey, now: Callable[[], int]
    ) -> None:
        self._web, self._url, self._key, self._now = web, url.rstrip("/"), key, now
        self._own = f"in/{origin_hash(unit)}"
        self._mirrored = f"m/{origin_hash(unit)}"

    def signing_as(self, key: SigningKey) -> "MirrorClient":
        """The same, asked with another key."""
        other = copy(self)
        other._key = key
        return other

    async def add_checkpoint(self, request: AddCheckpoint) -> int | None:
        """Submit a head: None once it is accepted, else the size that the mirror knows (409)."""
        reply = await self._send("POST", "add-checkpoint", compose_add_checkpoint(request))
        if reply.status == _OK:
            return None
        if reply.status == _CONFLICT and reply.kind == SIZE_TYPE:
            return _size(reply, self._url)
        raise self._refusal(reply, "add-checkpoint")

    async def add_entries(self, header: UploadHeader, packages: Iterable[Package]) -> Answered:
        """Upload a prefix of the canonical sequence; signed, for answers tell a log's length."""
        body = header.compose() + b"".join(package.compose() for package in packages)
        headers = {"Content-Type": UPLOAD_TYPE, "Content-Encoding": "gzip"}
        packed = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
        reply = await self._signed("POST", "add-entries", packed, headers)
        if reply.status == _OK:
            return Answered(lines=reply.body)
        if reply.status in (_ACCEPTED, _CONFLICT) and reply.kind == INFO_TYPE:
            conflict = reply.status == _CONFLICT
            return Answered(info=parse_mirror_info(reply.body), conflict=conflict)
        raise self._refusal(reply, "add-entries")

    async def put_lines(self, log: str, file: BodyFile, lines: bytes) -> None:
        """Send body lines of one block: all of them are taken, or none."""
        await self._put(f"{self._own}/{log}/{file.path}", lines)

    async def put_root(self, number: int, raw: bytes) -> None:
        """Send root document `number`."""
        await self._put(f"{self._own}/root/{number}", raw)

    async def has_root(self, number: int) -> bool:
        """Whether the mirror shows root document `number` of the unit."""
        path = f"{self._mirrored}/root/{number}"
        reply = await self._send("GET", path)
        if reply.status not in (_OK, _ABSENT):
            raise self._refusal(reply, path)
        return reply.status == _OK

    async def missing(self, log: str) -> list[tuple[int, str]]:
        """The bodies that the mirror lacks, as (index, tier), lowest first; maybe not all."""
        path = f"{self._own}/{log}/missing"
        reply = await self._signed("GET", path, b"")
        if reply.status != _OK:
            raise self._refusal(reply, path)
        try:
            return [_lacking(line) for line in reply.body.decode("ascii").splitlines()]
        except ValueError as error:
            raise Refused("hub.answer", where=path, found=str(error)) from error

    async def _put(self, path: str, body: bytes) -> None:
        reply = await self._signed("PUT", path, body)
        if reply.status != _NO_CONTENT:
            raise self._refusal(reply, path)

    async def _signed(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
    ) -> Reply:
        signature = sign_request(
            method=method,
            uri=f"{self._url}/{path}",
            body=body,
            key=self._key,
            now=self._now(),
            nonce=os.urandom(16),
        )
        return await self._send(method, path, body, (headers or {}) | signature)

    async def _send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        # PUT bodies carry no type of their own; aiohttp would name one, and nobody asks for it.
        letter = Letter(method, f"{self._url}/{path}", body, headers or {}, patience(len(body)))
        return await send(self._web, letter, reach=PRIVATE_TOO, limit=_MISSING_BYTES)

    def _refusal(self, reply: Reply, path: str) -> FenheError:
        where, code = f"{self._url}/{path}", reply.problem.get("code", "")
        if code == "request.clock":
            hub, ours = reply.problem.get("expected", ""), format_time(self._now())
            return Deferred(
                "push.clock", where=self._url, expected=hub, found=ours, advice=SET_CLOCK
            )
        if code in ("upload.log", "witness.origin", "request.key"):
            return Deferred("push.unenrolled", where=self._url, found=code, advice=UNENROLLED)
        refused = _REFUSALS.get(code, "push.refused")
        advice = ONE_COPY if code in _REFUSALS else ""
        return Refused(refused, where=where, found=reply.told, advice=advice)


def _size(reply: Reply, where: str) -> int:
    try:
        if not reply.body.endswith(b"\n"):
            raise ValueError("no newline at the end")
        return parse_decimal(reply.body[:-1].decode("ascii"))
    except ValueError as error:
        raise Refused("hub.answer", where=where, found=str(error)) from error


def _lacking(line: str) -> tuple[int, str]:
    index, _, tier = line.partition(" ")
    if tier not in BODY_TIERS:
        raise ValueError(f"no tier: {tier!r}")
    return parse_decimal(index), tier
