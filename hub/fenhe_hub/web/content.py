"""Read what a request carries, trusting nothing of it: coding, length, pace (feed §12).

`chunks_of` is for streams of any length, `whole_of` for small ones.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Iterator
from typing import Protocol

from aiohttp import ClientError, web

from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import Limits

LARGEST_REQUEST = 64 * 1024  # bytes of what is asked; it has hardly ever a content

_PIECE = 64 * 1024
_GZIP_ONLY = 16 + zlib.MAX_WBITS


class BrokenOff(RequestError):
    """The content ended too early, came too slowly or is not of its coding: what came counts."""

    def __init__(self, found: str) -> None:
        super().__init__("push.broken", status=400, found=found)


class _Decoder(Protocol):
    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The decoded bytes in pieces of bounded length."""

    def finish(self) -> None:
        """Raise BrokenOff where the content cannot end here."""


class _Plain:
    def feed(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk

    def finish(self) -> None:
        pass


class _Gzip:
    """One member of gzip and nothing after it."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_ONLY)

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        if self._member.eof and chunk:
            raise BrokenOff("bytes after the gzip member")
        while chunk:
            try:
                yield self._member.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise BrokenOff(str(error)) from error
            chunk = self._member.unconsumed_tail
        if self._member.unused_data:
            raise BrokenOff("bytes after the gzip member")

    def finish(self) -> None:
        if not self._member.eof:
            raise BrokenOff("the gzip member is cut short")


class _Patience:
    """Waits for what comes; only the time that was waited counts, not what we took to judge it."""

    def __init__(self, limits: Limits, extra_seconds: float) -> None:
        self._limits, self._now = limits, asyncio.get_running_loop().time
        self._deadline = self._now() + limits.visit_seconds + extra_seconds
        self._left = limits.idle_seconds

    async def next_chunk(self, request: web.Request) -> bytes:
        """The next bytes, none at the end; TimeoutError."""
        began = self._now()
        wait = min(self._left, self._limits.idle_seconds)
        async with asyncio.timeout_at(min(self._deadline, began + wait)):
            chunk = await request.content.readany()
        earned = len(chunk) / self._limits.least_bytes_per_second
        self._left += earned - (self._now() - began)
        return chunk


async def chunks_of(
    request: web.Request, limits: Limits, *, gzip: bool = False, extra_seconds: float = 0
) -> AsyncGenerator[bytes]:
    """The decoded content, piece by piece; RequestError 415 `push.coding`, BrokenOff.

    It has the time of a visit and `extra_seconds`, may not pause beyond the idle limit, and has to
    come at the least pace but for one such pause.
    """
    decoder, patience = _decoder(request, gzip), _Patience(limits, extra_seconds)
    try:
        while chunk := await patience.next_chunk(request):
            for piece in decoder.feed(chunk):
                yield piece
    except TimeoutError as error:
        raise BrokenOff("too slow") from error
    except (ClientError, ConnectionError, web.HTTPException, ValueError) as error:
        raise BrokenOff(type(error).__name__) from error
    decoder.finish()


async def whole_of(request: web.Request, limits: Limits, most: int) -> bytes:
    """The content of at most `most` bytes, not encoded; RequestError 413 `push.size`."""
    stated = most if request.content_length is None else request.content_length
    if stated > most:
        raise _too_large(most)
    parts, size = [], 0
    # What is taken whole or not at all is given the time that the least pace needs.
    seconds = stated / limits.least_bytes_per_second
    async for part in chunks_of(request, limits, extra_seconds=seconds):
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _decoder(request: web.Request, gzip: bool) -> _Decoder:
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "gzip" and gzip:
        return _Gzip()
    if coding != "identity":
        expected = "identity, gzip" if gzip else "identity"
        raise RequestError("push.coding", status=415, expected=expected, found=coding)
    return _Plain()


def _too_large(most: int) -> RequestError:
    return RequestError("push.size", status=413, expected=f"<= {most}")
