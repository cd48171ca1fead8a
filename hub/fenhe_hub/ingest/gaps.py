"""Which bodies a log still lacks, a bit for each: as many as a million take less than a MiB.

A log that is new to the hub may lack most of its bodies for some visits. Start at `read_gaps`.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from fenhe_hub.index.tables import TIERS
from fenhe_protocol.limits import BLOCK

Bits = Mapping[str, Mapping[int, int]]
"""By tier and block: bit n stands for leaf n of the block."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is still to come of one log."""

    bits: Bits = field(default_factory=dict)

    @property
    def blocks(self) -> Mapping[str, Collection[int]]:
        """The blocks that lack bodies, by tier."""
        return self.bits

    def lacks(self, index: int, tier: str) -> bool:
        """Whether this body is still to come."""
        return bool(self.bits.get(tier, {}).get(index // BLOCK, 0) >> index % BLOCK & 1)

    def indices(self, tier: str) -> set[int]:
        """The bodies of one tier that are still to come."""
        return {
            block * BLOCK + place
            for block, bits in self.bits.get(tier, {}).items()
            for place in range(BLOCK)
            if bits >> place & 1
        }

    def came(self, block: int, missing: Mapping[str, Iterable[int]]) -> bool:
        """Whether any body of a block is here of which `missing` are still to come."""
        return any(
            bits.get(block, 0) & ~bits_of(missing.get(tier, ())) for tier, bits in self.bits.items()
        )


def bits_of(indices: Iterable[int]) -> int:
    """The bits of bodies of one block."""
    found = 0
    for index in indices:
        found |= 1 << index % BLOCK
    return found


def read_gaps(
    db: sqlite3.Connection, log_no: int, only: Mapping[str, Collection[int]] | None = None
) -> Gaps:
    """Ask the index what is still to come of a log; `only` of these blocks, by tier."""
    found: dict[str, dict[int, int]] = {}
    for start, stop, number in _runs(db, log_no, only):
        tier, block = TIERS[number], start // BLOCK
        if only is None or block in only.get(tier, ()):
            bits = (1 << stop - start) - 1 << start % BLOCK
            by_block = found.setdefault(tier, {})
            by_block[block] = by_block.get(block, 0) | bits
    return Gaps(found)


def missing_at(db: sqlite3.Connection, log_no: int) -> Iterator[tuple[int, str]]:
    """(index, tier) of each body that is still to come, lowest first."""
    for _, runs in groupby(_runs(db, log_no, None), key=lambda run: run[0] // BLOCK):
        places = sorted((at, tier) for start, stop, tier in runs for at in range(start, stop))
        yield from ((at, TIERS[tier]) for at, tier in places)


def _runs(
    db: sqlite3.Connection, log_no: int, only: Mapping[str, Collection[int]] | None
) -> Iterator[tuple[int, int, int]]:
    question = "SELECT idx, stop, tier FROM gap WHERE log_no = ?"
    if only is None:
        yield from db.execute(f"{question} ORDER BY idx", [log_no])
        return
    for block in sorted({block for each in only.values() for block in each}):
        span = [log_no, block * BLOCK, (block + 1) * BLOCK]
        yield from db.execute(f"{question} AND idx >= ? AND idx < ?", span)
