"""The records of one mirrored log from an index on, verified against a head in an `adv` (feed §10).

Only the blocks asked for are fetched: their entries are held against the signed root through the
tiles above them, their bodies against the commitments in their leaves.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.fetching.prefetch import in_order
from fenhe_client.reading.block_read import BlockRead, compare_envelopes
from fenhe_client.reading.log_files import fetch_body, fetch_bundle, fetch_tile
from fenhe_client.reading.proven_tree import ProvenTree
from fenhe_protocol.block import BlockJudge, Erased
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.errors import Deferred
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.leaves import parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes
from fenhe_protocol.record import Record, Schemas, Sealed
from fenhe_protocol.tiles import EntryBundle, Tile, decode_bundle

Change = dict[str, Any]
"""One line of NDJSON."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The changes of one block; `stop` is the index after it; `whole`: no body was missing."""

    stop: int
    changes: list[Change]
    whole: bool


@dataclass(frozen=True, slots=True)
class MirroredLog:
    """A log in a hub's mirror under one verified head; `unit` is its code."""

    fetcher: Fetcher
    head: Checkpoint
    unit: str
    tiers: Sequence[str]
    schemas: Schemas
    erased: Erased | None = None

    async def changes(self, blocks: Iterable[int], start: int) -> AsyncGenerator[Piece]:
        """Block by block, the valid records, what is sealed, and the erasures from `start` on.

        Raises Deferred for what cannot be had now and Refused for what does not fit.
        """
        tree = ProvenTree(self.head.size, self.head.root, self._tile)
        judges = {tier: self._judge(tier) for tier in self.tiers}
        below = (block for block in blocks if block * BLOCK < self.head.size)
        async with aclosing(in_order(below, self._fetch, weigh=_weigh)) as fetched:
            async for block, files in fetched:
                entries = self._entries(block, files)
                await tree.check_block(block, leaf_hashes(entries))
                log = self.head.origin.rpartition("/")[2]
                read = BlockRead(block, parse_leaves(entries, block * BLOCK, log))
                for tier in read.committed_tiers(self.tiers):
                    read.tiers[tier] = judges[tier].judge(files[tier], block, read.leaves)
                compare_envelopes(read)
                changes = list(_changes(self, read, start))
                yield Piece(read.stop, changes, whole=not read.missing())

    def _judge(self, tier: str) -> BlockJudge:
        return BlockJudge(
            self.schemas, origin=self.head.origin, tier=tier, unit=self.unit, erased=self.erased
        )

    def _bundle(self, block: int) -> EntryBundle:
        return EntryBundle(block, min(BLOCK, self.head.size - block * BLOCK))

    async def _fetch(self, block: int) -> dict[str, bytes]:
        raw = await fetch_bundle(self.fetcher, self._bundle(block), max_entry=DEFAULTS.leaf_bytes)
        if raw is None:
            raise Deferred("fetch.absent", where=self._bundle(block).path)
        bodies = {
            tier: await fetch_body(self.fetcher, tier, block, DEFAULTS) for tier in self.tiers
        }
        return {"": raw, **bodies}

    def _entries(self, block: int, files: Mapping[str, bytes]) -> list[bytes]:
        width = self._bundle(block).width
        return decode_bundle(files[""], width, max_entry=DEFAULTS.leaf_bytes)

    async def _tile(self, tile: Tile) -> bytes:
        raw = await fetch_tile(self.fetcher, tile)
        if raw is None:
            raise Deferred("fetch.absent", where=tile.path)
        return raw


def _weigh(files: Mapping[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _changes(log: MirroredLog, read: BlockRead, start: int) -> Iterator[Change]:
    origin = log.head.origin
    for index, leaf in enumerate(read.leaves, read.start):
        if index < start:
            continue
        if isinstance(leaf, EraseLeaf):
            yield _erasure(origin, index, leaf)
        for tier, judged in read.tiers.items():
            verdict = judged.verdicts.get(index)
            if isinstance(verdict, Record):
                yield _record(origin, index, tier, verdict)
            elif isinstance(verdict, Sealed):
                sealed = {"key": verdict.key, "sealed": b64_encode(verdict.sealed)}
                where = {"origin": origin, "index": index, "tier": tier}
                yield {**where, "unit": log.unit, "sealed": sealed}


def _record(origin: str, index: int, tier: str, record: Record) -> Change:
    told = {"deleted": record.deleted} if record.deleted else {"body": record.fields}
    return {"origin": origin, "index": index, "tier": tier, **record.identity._asdict(), **told}


def _erasure(origin: str, index: int, leaf: EraseLeaf) -> Change:
    """An `x`: whoever holds copies takes these bodies out of them (feed §4)."""
    meant = origin if leaf.log is None else f"{origin.rpartition('/')[0]}/{leaf.log}"
    erased = {"origin": meant, "ranges": leaf.ranges, "tiers": leaf.tiers}
    return {"origin": origin, "index": index, "erased": erased}
