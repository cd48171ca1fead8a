"""Which bodies a log still lacks, a bit for each: as many as a million take less than a MiB.

A log that is new to the hub may lack most of its bodies for some visits. Start at `read_gaps`.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
    blocks = _blocks(db, log_no) if only is None else sorted({b for o in only.values() for b in o})
    for block in blocks:
        for tier, bits in _bits(db, log_no, block):
            if only is None or block in only.get(tier, ()):
                found.setdefault(tier, {})[block] = bits
    return Gaps(found)


def _blocks(db: sqlite3.Connection, log_no: int) -> Iterator[int]:
    """The blocks with gaps, each found by one look: there may be 256 rows of it."""
    block = -1
    while True:
        (index,) = db.execute(
            "SELECT min(idx) FROM gap WHERE log_no = ? AND idx >= ?", [log_no, (block + 1) * BLOCK]
        ).fetchone()
        if index is None:
            return
        yield (block := index // BLOCK)


def _bits(db: sqlite3.Connection, log_no: int, block: int) -> Iterator[tuple[str, int]]:
    span = [log_no, block * BLOCK, (block + 1) * BLOCK]
    where = "FROM gap WHERE log_no = ? AND idx >= ? AND idx < ?"
    rows, first, last, tier, other = db.execute(
        f"SELECT count(*), min(idx), max(idx), min(tier), max(tier) {where}", span
    ).fetchone()
    if rows and tier == other and rows == last - first + 1:
        yield TIERS[tier], (1 << rows) - 1 << first % BLOCK
        return
    by_tier: dict[int, int] = {}
    for index, number in db.execute(f"SELECT idx, tier {where}", span):
        by_tier[number] = by_tier.get(number, 0) | 1 << index % BLOCK
    yield from ((TIERS[number], bits) for number, bits in by_tier.items())
