"""The bodies of touched and of incomplete blocks: fetched, judged, stored, handed on (feed §6.4).

`read_bodies` is the hot path of a hub: while a block is judged, the next body files are on their
way and the last ones are being written.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

from fenhe_client.fetching.prefetch import in_order
from fenhe_client.reading.block_read import BlockRead, BlockReader, body_bytes, compare_envelopes
from fenhe_client.reading.body_source import BodySource
from fenhe_client.reading.second_judge import SecondJudge
from fenhe_client.stored.files import FeedFiles
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.record import SEALED_TIER
from fenhe_protocol.tiles import BodyFile, body_path

Take = Callable[[BlockRead, Mapping[str, bytes]], Mapping[str, bytes]]
"""(block, judged; its body files as fetched, by tier) -> the body files to store, by tier.

Here a hub makes its index rows and leaves out what it must not keep; `keep_lines` is the default.
"""

Blocks = Mapping[str, Collection[int]]
"""Block numbers by tier."""

BLOCKS_ALONE = 32  # blocks from which on a second process helps to judge, if there may be one
_BYTES_IN_LOOP = 4 * 1024  # made with malice, even these take some ten milliseconds
_FILES_AT_ONCE = 64
_BYTES_AT_ONCE = 8 * 1024 * 1024

_Stored = Callable[[str], bytes]
"""Tier -> the body file of one block that is stored; empty where there is none."""

Given = ParamSpec("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Ask:
    """A block and the tiers whose body files are asked for, those of `again` past every cache."""

    read: BlockRead
    tiers: list[str]
    again: list[str]

    def file(self, tier: str) -> BodyFile:
        """The body file of one tier."""
        return BodyFile(tier, self.read.block)


def keep_lines(read: BlockRead, fetched: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Keep every line that belongs to the log: committed to, of the right hash, not erased."""
    return {
        tier: raw if tier in read.sound else body_bytes(read.tiers[tier], raw)
        for tier, raw in fetched.items()
    }


async def read_bodies(
    reader: BlockReader,
    source: BodySource,
    files: FeedFiles,
    *,
    size: int,
    touched: range,
    wanted: Blocks,
    take: Take = keep_lines,
    second: SecondJudge | None = None,
) -> dict[str, set[int]]:
    """Read the body files of the blocks `touched`, and ask again for those `wanted`.

    Every touched block goes to `take`, and of the others those to which something came. What it
    gives back is durably stored when this returns. Returns the blocks that lack lines, by tier.

    `second` judges with this process once it has begun, and is begun when bodies come of many
    blocks that were wanted.
    """
    many = sum(map(len, wanted.values())) >= BLOCKS_ALONE

    async def fetch(ask: _Ask) -> dict[str, bytes]:
        fetched = {
            tier: await source.get(ask.file(tier), fresh=tier in ask.again) for tier in ask.tiers
        }
        if second is not None and any(fetched.values()):
            if many and ask.read.block not in touched:
                await second.begin()
            await _look(reader, second, ask, fetched)
        return fetched

    missing: dict[str, set[int]] = {}
    blocks = _blocks(source, size, touched, wanted, missing)
    asks = in_order(_asks(reader, size, touched, wanted, blocks), fetch, weigh=_weigh)
    async with _Writer(files) as writer, aclosing(asks) as answers:
        async for ask, fetched in answers:
            stored = _stored(files, ask.read.block)
            if ask.read.block not in touched and _are_stored(stored, fetched):
                _note(missing, ask, [tier for tier in ask.again if reader.lacking(ask.read, tier)])
                continue
            await _judge_all(reader, source, ask, fetched)
            _note(missing, ask, ask.read.missing())
            if ask.read.block in touched or _brings_news(stored, ask, fetched):
                unsound = {tier: raw for tier, raw in fetched.items() if tier not in ask.read.sound}
                kept = await _aside(_weigh(unsound), take, ask.read, fetched)
                await writer.add(ask, kept, stored)
    return missing


def _note(missing: dict[str, set[int]], ask: _Ask, tiers: Iterable[str]) -> None:
    for tier in tiers:
        missing.setdefault(tier, set()).add(ask.read.block)


def _stored(files: FeedFiles, block: int) -> _Stored:
    """The body files of a block as they are before something of it is written, each read once."""
    return cache(lambda tier: files.read(body_path(tier, block)) or b"")


def _are_stored(stored: _Stored, fetched: Mapping[str, bytes]) -> bool:
    """Whether no line came but what is stored, which was judged before."""
    came = {tier: raw for tier, raw in fetched.items() if raw}
    return all(map(stored, came)) and all(
        set(raw.split(b"\n")) <= {b"", *stored(tier).split(b"\n")} for tier, raw in came.items()
    )


async def _judge_all(
    reader: BlockReader, source: BodySource, ask: _Ask, fetched: dict[str, bytes]
) -> None:
    """Judge the block: what was fetched, and what is stored in the tiers not asked for."""
    for tier in ask.read.committed_tiers(reader.tiers):
        if tier not in ask.tiers:
            # What is stored may be large, whatever has come.
            await asyncio.to_thread(reader.judge, ask.read, tier, b"")
        elif tier not in ask.read.sound:
            await _judge(reader, source, ask, tier, fetched)
    compare_envelopes(ask.read)


async def _look(
    reader: BlockReader, second: SecondJudge, ask: _Ask, fetched: Mapping[str, bytes]
) -> None:
    """Let the second process look; two tiers of a block must be compared, which is done here.

    What is sealed is compared with nothing, and judged here beside it. Where it is behind, this
    process would only wait, and looks by itself.
    """
    open_tiers = [tier for tier in ask.read.committed_tiers(reader.tiers) if tier != SEALED_TIER]
    if len(open_tiers) != 1 or open_tiers[0] not in ask.tiers:
        return
    tier = open_tiers[0]
    commitments = reader.commitments(ask.read, tier)
    if commitments is not None:
        raw = fetched[tier]
        if second.is_behind:
            seen = await _aside(len(raw), reader.find_sound, ask.read, tier, raw)
        else:
            seen = await second.look(tier, ask.read.block, commitments, raw)
        if seen is not None:
            ask.read.sound[tier] = seen


async def _judge(
    reader: BlockReader, source: BodySource, ask: _Ask, tier: str, fetched: dict[str, bytes]
) -> None:
    """Judge one body file, and ask for it once more if it lacks a line."""
    raw = fetched[tier]
    await _aside(len(raw), reader.judge, ask.read, tier, raw)
    lacks = ask.read.tiers[tier].missing and tier not in ask.again
    if lacks and (more := await source.get(ask.file(tier), fresh=True)):
        fetched[tier] = more
        await _aside(len(more), reader.judge, ask.read, tier, more)


async def _aside(
    weight: int, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs
) -> Made:
    """Work on bytes in a thread: a block made to take seconds must not stop all others.

    Under a MiB of it can be three seconds' work, and a thread costs some fifty microseconds.
    """
    if weight <= _BYTES_IN_LOOP:
        return work(*given, **named)
    return await asyncio.to_thread(work, *given, **named)


def _brings_news(stored: _Stored, ask: _Ask, fetched: Mapping[str, bytes]) -> bool:
    kept = keep_lines(ask.read, fetched)
    return any(raw and raw != stored(tier) for tier, raw in kept.items())


def _blocks(
    source: BodySource,
    size: int,
    touched: range,
    wanted: Blocks,
    missing: dict[str, set[int]],
) -> Iterator[int]:
    """Every block touched, then those wanted; once no more may be fetched, these stay missing."""
    yield from touched
    blocks = {block for each in wanted.values() for block in each if block * BLOCK < size}
    for block in sorted(blocks.difference(touched)):
        if not source.used_up:
            yield block
            continue
        for tier in wanted:
            if block in wanted[tier]:
                missing.setdefault(tier, set()).add(block)


def _asks(
    reader: BlockReader, size: int, touched: range, wanted: Blocks, blocks: Iterable[int]
) -> Iterator[_Ask]:
    for block in blocks:
        read = reader.leaves(block, size)
        tiers = read.committed_tiers(reader.tiers)
        again = [tier for tier in tiers if block in wanted.get(tier, ())]
        asked = tiers if block in touched else again
        yield _Ask(read, asked, again)


def _weigh(fetched: Mapping[str, bytes]) -> int:
    return sum(map(len, fetched.values()))


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

    async def add(self, ask: _Ask, bodies: Mapping[str, bytes], stored: _Stored) -> None:
        """Store body files, those that changed; begin to write once enough has come together."""
        for tier, body in bodies.items():
            if body and stored(tier) != body:
                self._batch[ask.file(tier).path] = body
                self._bytes += len(body)
        if len(self._batch) >= _FILES_AT_ONCE or self._bytes >= _BYTES_AT_ONCE:
            await self._write()

    async def _write(self) -> None:
        if self._under_way is not None:
            await self._under_way
        batch, self._batch, self._bytes = self._batch, {}, 0
        if batch:
            self._under_way = asyncio.create_task(asyncio.to_thread(self._files.write_all, batch))
