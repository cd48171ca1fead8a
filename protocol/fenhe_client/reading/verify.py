"""Verify a whole log, at a URL or in a folder, and count what it holds. Start at `verify_log`.

The signature, every entry, every tile and the root are verified; bodies are held against their
commitments and judged where they can be read. A log whose leaves are not ours is verified as any
other tlog-tiles log (`foreign`).
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.keys.listed_keys import ListedKeys
from fenhe_client.reading.block_read import BlockRead
from fenhe_client.reading.foreign import (
    Progress,
    SignedTree,
    TileCheck,
    read_entries,
    read_signed_tree,
    verify_foreign,
)
from fenhe_client.reading.log_files import fetch_body
from fenhe_client.reading.tally import Tally, TierTally
from fenhe_protocol.block import BlockJudge
from fenhe_protocol.body import read_body_file
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import TIERS, LeafForm, split_log_name
from fenhe_protocol.leaves import parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.record import Schemas
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.strict_json import NotStrictJson, loads
from fenhe_protocol.tiles import EntryBundle

OPEN_TIER = "pub"


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that verifies. `tally` is None for a foreign log; `unit` is the code it claims."""

    tree: SignedTree
    tally: Tally | None
    unit: str | None = None

    def members(self) -> dict[str, Any]:
        """As JSON."""
        known: dict[str, Any] = {
            "origin": self.tree.origin,
            "size": self.tree.size,
            "root": self.tree.root.hex(),
            "foreign": self.tally is None,
        }
        if self.tree.seconded:
            known["sm2"] = True
        return known if self.tally is None else known | {"unit": self.unit} | self.tally.members()


async def verify_log(
    fetcher: Fetcher,
    key: VerifierKey | ListedKeys,
    schemas: Schemas,
    *,
    foreign: bool = False,
    second: SecondLine | None = None,
    progress: Progress = lambda done, size: None,
) -> Verified:
    """Verify a log; Refused says what is wrong and where, Deferred what could not be had."""
    tree = await read_signed_tree(fetcher, key, second)
    if foreign or not is_log_name(tree.origin) or await _is_foreign(fetcher, tree):
        await verify_foreign(fetcher, tree, progress)
        return Verified(tree, None)
    if tree.origin != key.name:
        raise Refused("checkpoint.origin", expected=key.name, found=tree.origin)
    return await _Verification(fetcher, tree, schemas).run(progress)


def is_log_name(origin: str) -> bool:
    """Whether the origin ends in the name of a log of ours."""
    try:
        split_log_name(origin.rpartition("/")[2])
    except ValueError:
        return False
    return True


async def _is_foreign(fetcher: Fetcher, tree: SignedTree) -> bool:
    """Whether not one leaf of the first bundle is ours."""
    log = tree.origin.rpartition("/")[2]
    first = min(tree.size, BLOCK)
    async with aclosing(read_entries(fetcher, first, max_entry=DEFAULTS.entry_bytes)) as bundles:
        async for _, entries in bundles:
            return all(isinstance(leaf, LeafForm) for leaf in parse_leaves(entries, 0, log))
    return False


class _Verification:
    """One pass over a log of ours."""

    def __init__(self, fetcher: Fetcher, tree: SignedTree, schemas: Schemas) -> None:
        self._fetcher, self._tree, self._schemas = fetcher, tree, schemas
        self._log = tree.origin.rpartition("/")[2]
        self._tally = Tally()
        self._judges: dict[str, BlockJudge] = {}
        self._unit: str | None = None

    async def run(self, progress: Progress) -> Verified:
        check = TileCheck(self._fetcher)
        async with aclosing(self._bundles()) as bundles:
            async for bundle, entries in bundles:
                await check.add(entries)
                leaves = parse_leaves(entries, bundle.index * BLOCK, self._log)
                await self._count(BlockRead(bundle.index, leaves))
                progress(check.size, self._tree.size)
        await check.finish(self._tree)
        self._check_altered()
        return Verified(self._tree, self._tally, self._unit)

    def _bundles(self) -> AsyncGenerator[tuple[EntryBundle, list[bytes]]]:
        return read_entries(self._fetcher, self._tree.size, max_entry=DEFAULTS.leaf_bytes)

    async def _count(self, read: BlockRead) -> None:
        self._tally.add_leaves(read.leaves)
        for tier in read.committed_tiers(TIERS):
            tally = self._tally.tiers.setdefault(tier, TierTally())
            raw = await self._body(tier, read.block, tally)
            lines, _ = read_body_file(raw, read.block)
            judge = self._judge(tier, [line.body for line in lines])
            judged = judge.judge(raw, read.block, read.leaves)
            self._tally.add_bodies(tier, judged, [line.index for line in lines])

    async def _body(self, tier: str, block: int, tally: TierTally) -> bytes:
        """A body file; a tier that is not for us is asked for once."""
        if not tally.readable:
            return b""
        first = not tally.present and not tally.missing
        try:
            raw = await fetch_body(self._fetcher, tier, block, DEFAULTS)
        except Deferred as error:
            if tier == OPEN_TIER or error.code != "fetch.denied":
                raise
            raw = b""
        tally.readable = bool(raw) or tier == OPEN_TIER or not first
        return raw

    def _judge(self, tier: str, bodies: Sequence[bytes]) -> BlockJudge:
        self._unit = self._unit or next(filter(None, map(_claimed_unit, bodies)), None)
        if tier not in self._judges or self._unit is None:
            self._judges[tier] = BlockJudge(
                self._schemas, origin=self._tree.origin, tier=tier, unit=self._unit or ""
            )
        return self._judges[tier]

    def _check_altered(self) -> None:
        for tier in self._tally.tiers:
            if altered := self._tally.altered(tier):
                where = f"{self._tree.origin}#{altered[0]}/{tier}"
                raise Refused("body.altered", where=where, found=f"{len(altered)} altered")


def _claimed_unit(body: bytes) -> str | None:
    try:
        unit = loads(body).get("unit")
    except NotStrictJson:
        return None
    return unit if isinstance(unit, str) else None
