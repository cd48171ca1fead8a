"""A damaged log mended from other copies of it. Start at `heal`.

Nothing is signed and nobody is believed: bytes are taken if they hash to the signed tree, whoever
offers them. Whoever calls holds the lock under which the log is written.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from fenhe_client.checking.copies import Copies, Copy
from fenhe_client.checking.log_check import (
    TREE,
    StoredLog,
    body_state,
    damaged_bodies,
    damaged_tree,
)
from fenhe_client.checking.proven import Proven, Survey, prove, survey
from fenhe_client.stored.files import read_bundle
from fenhe_protocol.body import BodyLine, Committer, encode_lines
from fenhe_protocol.errors import Refused
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hash, leaf_hashes
from fenhe_protocol.tiles import (
    BodyFile,
    EntryBundle,
    FeedPath,
    Tile,
    decode_bundle,
    encode_bundle,
    parse_path,
)

HERE = "here"
"""Mended from what lay beside it."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A damaged file by its path in the log, and who had it whole: a copy's name, HERE or ""."""

    path: str
    healed_by: str = ""


async def heal(log: StoredLog, copies: Sequence[Copy]) -> list[Mend]:
    """Read the whole log once more and mend what can be; every damaged file is told."""
    proven, mends = await heal_tree(log, copies)
    return [*mends, *(await heal_bodies(log, proven, copies) if proven else ())]


async def heal_tree(log: StoredLog, copies: Sequence[Copy]) -> tuple[Proven | None, list[Mend]]:
    """Mend its bundles and tiles; also the proven tree, None where nobody has what gives it."""
    return await _Healer(log, copies).tree()


async def heal_bodies(log: StoredLog, proven: Proven, copies: Sequence[Copy]) -> list[Mend]:
    """Mend its body files."""
    return await _Healer(log, copies).bodies(proven)


def is_whole(mends: Iterable[Mend]) -> bool:
    """Whether everything that was damaged is mended."""
    return all(mend.healed_by for mend in mends)


def _no_rest() -> None:
    """A log under its lock is read in one go: the lock is waited for."""


class _Healer:
    def __init__(self, log: StoredLog, copies: Sequence[Copy]) -> None:
        self._log, self._copies = log, Copies(copies, log.head.size)

    async def tree(self) -> tuple[Proven | None, list[Mend]]:
        found = await asyncio.to_thread(survey, self._log.files, self._log.head, _no_rest)
        proven = await self._prove(found)
        if proven is None:
            return None, [Mend(TREE)]
        damaged = await asyncio.to_thread(damaged_tree, self._log, proven, _no_rest)
        return proven, [await self._mend(proven, path) for path in damaged]

    async def bodies(self, proven: Proven) -> list[Mend]:
        damaged = await asyncio.to_thread(damaged_bodies, self._log, proven, _no_rest)
        return [await self._mend_body(path) for path in damaged]

    async def _prove(self, found: Survey) -> Proven | None:
        """Ask the copies for the blocks in doubt and, where that does not do, for every one."""
        if (proven := prove(found)) is not None:
            return proven
        for blocks in (sorted(found.doubtful), range(-(-found.head.size // BLOCK))):
            for block in blocks:
                async for _, entries in self._copies.entries(block):
                    found.offer(block, leaf_hashes(entries))
            if (proven := prove(found)) is not None:
                return proven
        return None

    async def _mend(self, proven: Proven, path: str) -> Mend:
        part = parse_path(path)
        if isinstance(part, Tile):
            self._log.files.write_all({path: proven.tile(self._log.files, part)})
            return Mend(path, HERE)
        return await self._mend_bundle(proven, path, part)

    async def _mend_bundle(self, proven: Proven, path: str, part: FeedPath) -> Mend:
        """Take each entry from whoever has one of the right hash."""
        block = part.index
        width = BLOCK if isinstance(part, BodyFile) else part.width
        wanted = proven.leaves(self._log.files, block)[:width]
        pool = {leaf_hash(entry): entry for entry in self._own_entries(block)}
        healed_by = HERE
        if not pool.keys() >= {*wanted}:
            async for name, entries in self._copies.entries(block):
                pool |= {leaf_hash(entry): entry for entry in entries}
                if pool.keys() >= {*wanted}:
                    healed_by = name
                    break
            else:
                return Mend(path)
        self._log.files.write_all({path: encode_bundle([pool[each] for each in wanted])})
        return Mend(path, healed_by)

    def _own_entries(self, block: int) -> Iterator[bytes]:
        """The entries of every bundle of a block that can still be cut into some."""
        for path in self._log.files.paths("tile/entries"):
            part = parse_path(path)
            if isinstance(part, EntryBundle) and part.index == block:
                raw = self._log.files.read(path) or b""
                with suppress(Refused):
                    yield from decode_bundle(raw, part.width, max_entry=DEFAULTS.leaf_bytes)

    async def _mend_body(self, path: str) -> Mend:
        """Put the lines that are committed to together, from here and from the copies."""
        part = parse_path(path)
        if not isinstance(part, BodyFile):
            raise ValueError(path)
        block, log = part.index, self._log
        width = min(BLOCK, log.head.size - block * BLOCK)
        entries = read_bundle(log.files, EntryBundle(block, width), max_entry=DEFAULTS.leaf_bytes)
        state = body_state(log, part.tier, block, entries)
        lines = {line.index: line for line in state.lines}
        healed_by = HERE
        if state.lacking:
            committer = Committer(log.origin, part.tier)
            async for name, found in self._copies.lines(part.tier, block):
                lines |= {each.index: each for each in committer.fitting(found, state.wanted)}
                if lines.keys() >= {*state.lacking}:
                    healed_by = name
                    break
            else:
                healed_by = ""
        if healed_by:
            await asyncio.to_thread(self._put_lines, path, [*lines.values()])
        return Mend(path, healed_by)

    def _put_lines(self, path: str, lines: list[BodyLine]) -> None:
        if lines:
            ordered = sorted(lines, key=lambda line: line.index)
            self._log.files.write_all({path: encode_lines(ordered)})
        else:
            self._log.files.remove([path])
