"""The bodies of touched and of incomplete blocks: fetched, judged, stored, handed on (feed §6.4).

`read_bodies` is the hot path of a hub: while a block is judged, the next body files are on their
way and the last ones are being written.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from fenhe_client.block_read import BlockRead, BlockReader, body_bytes, compare_envelopes
from fenhe_client.body_source import BodySource
from fenhe_client.files import FeedFiles
from fenhe_client.prefetch import in_order
from fenhe_protocol.tiles import BodyFile

Sink = Callable[[BlockRead], None]
Blocks = Mapping[str, Collection[int]]
"""Block numbers by tier."""

_FILES_AT_ONCE = 32
_BYTES_AT_ONCE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Ask:
    """A block and the tiers whose body files are asked for, those of `again` past every cache."""

    read: BlockRead
    tiers: list[str]
    again: list[str]


async def read_bodies(
    reader: BlockReader,
    source: BodySource,
    files: FeedFiles,
    *,
    size: int,
    touched: range,
    wanted: Blocks,
    sink: Sink,
) -> dict[str, set[int]]:
    """Read the body files of the blocks `touched`, and ask again for those `wanted`.

    Every touched block goes to `sink`, and of the others those to which something came. What came
    is durably stored when this returns. Returns the blocks that still lack lines, by tier.
    """

    async def fetch(ask: _Ask) -> dict[str, bytes]:
        return {
            tier: await source.get(_file(ask, tier), fresh=tier in ask.again) for tier in ask.tiers
        }

    missing: dict[str, set[int]] = {}
    asks = in_order(_asks(reader, size, touched, wanted), fetch, weigh=_weigh)
    async with _Writer(files) as writer, aclosing(asks) as answers:
        async for ask, fetched in answers:
            changed = [
                await _take(reader, source, writer, ask, tier, fetched[tier]) for tier in ask.tiers
            ]
            compare_envelopes(ask.read)
            for tier in ask.read.missing():
                missing.setdefault(tier, set()).add(ask.read.block)
            if any(changed) or ask.read.block in touched:
                sink(ask.read)
            await writer.write_if_many()
    return missing


def _asks(reader: BlockReader, size: int, touched: range, wanted: Blocks) -> Iterator[_Ask]:
    others = {block for blocks in wanted.values() for block in blocks}.difference(touched)
    for block in (*touched, *sorted(others)):
        read = reader.leaves(block, size)
        tiers = read.committed_tiers(reader.tiers)
        again = [tier for tier in tiers if block in wanted.get(tier, ())]
        asked = tiers if block in touched else again
        for tier in tiers:
            if tier not in asked:
                reader.judge(read, tier, b"")
        yield _Ask(read, asked, again)


def _file(ask: _Ask, tier: str) -> BodyFile:
    return BodyFile(tier, ask.read.block)


def _weigh(fetched: Mapping[str, bytes]) -> int:
    return sum(map(len, fetched.values()))


async def _take(
    reader: BlockReader, source: BodySource, writer: "_Writer", ask: _Ask, tier: str, raw: bytes
) -> bool:
    """Judge one body file, asked for once more if it lacks a line; whether it brought a change."""
    reader.judge(ask.read, tier, raw)
    if ask.read.tiers[tier].missing and tier not in ask.again:
        raw = await source.get(_file(ask, tier), fresh=True)
        reader.judge(ask.read, tier, raw)
    return writer.add(_file(ask, tier).path, body_bytes(ask.read.tiers[tier], raw))


class _Writer:
    """Writes body files in batches, in a thread, one batch at a time."""

    def __init__(self, files: FeedFiles) -> None:
        self._files = files
        self._batch: dict[str, bytes] = {}
        self._bytes = 0
        self._under_way: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            await self._write()
        if self._under_way is not None:
            await self._under_way

    def add(self, path: str, body: bytes) -> bool:
        """Plan to store a body file; whether it differs from what is stored."""
        if not body or self._files.read(path) == body:
            return False
        self._batch[path] = body
        self._bytes += len(body)
        return True

    async def write_if_many(self) -> None:
        """Begin to write, once enough has come together."""
        if len(self._batch) >= _FILES_AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            await self._write()

    async def _write(self) -> None:
        if self._under_way is not None:
            await self._under_way
        batch, self._batch, self._bytes = self._batch, {}, 0
        if batch:
            self._under_way = asyncio.create_task(asyncio.to_thread(self._files.write_all, batch))
