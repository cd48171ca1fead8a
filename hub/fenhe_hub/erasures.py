"""What is erased of one log: the union of its `x` leaves, of later epochs' and of `era`. Pure.

For each tier the ranges are disjoint and ascending, so that the same erasures leave the same rows
however they came. None is taken in by looking at all others: a unit may erase leaf by leaf.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from operator import itemgetter

from fenhe_protocol.leaf import EraseLeaf, merge_ranges
from fenhe_protocol.limits import BLOCK, LARGEST_SIZE

Range = tuple[int, int]
TIERS = ("hub", "nat", "pub")


class Erasures:
    """The erased ranges of one log, for each tier."""

    def __init__(self, ranges: Mapping[str, Iterable[Range]] | None = None) -> None:
        given = ranges or {}
        self._ranges = {tier: [*merge_ranges(list(given.get(tier, ())))] for tier in TIERS}

    @property
    def ranges(self) -> dict[str, tuple[Range, ...]]:
        """Disjoint ascending ranges; tiers of which nothing is erased are left out."""
        return {tier: tuple(ranges) for tier, ranges in self._ranges.items() if ranges}

    def covers(self, index: int, tier: str) -> bool:
        """Whether this body is erased."""
        ranges = self._ranges[tier]
        place = bisect_right(ranges, (index, LARGEST_SIZE)) - 1
        return place >= 0 and index < ranges[place][1]

    def within(self, tier: str, start: int, stop: int) -> tuple[Range, ...]:
        """What is erased of one tier in [start, stop), cut to it."""
        met = self._ranges[tier][self._meeting(tier, start, stop)]
        found = ((max(a, start), min(b, stop)) for a, b in met)
        return tuple((a, b) for a, b in found if a < b)

    def add(self, leaf: EraseLeaf) -> set[int]:
        """Take in an `x`; the blocks in which it erases something that was not erased."""
        blocks: set[int] = set()
        for tier in leaf.tiers or TIERS:
            if tier in self._ranges:
                for start, stop in leaf.ranges:
                    blocks.update(self._add(tier, start, stop))
        return blocks

    def _add(self, tier: str, start: int, stop: int) -> Iterator[int]:
        known = self.within(tier, start, stop)
        holes = [start, *(edge for each in known for edge in each), stop]
        for hole, end in list(pairwise(holes))[::2]:
            if hole < end:
                yield from range(hole // BLOCK, -(-end // BLOCK))
        place = self._meeting(tier, start, stop)
        met = self._ranges[tier][place]
        self._ranges[tier][place] = merge_ranges([*met, (start, stop)])

    def _meeting(self, tier: str, start: int, stop: int) -> slice:
        """Where the ranges stand that overlap [start, stop) or touch it."""
        ranges = self._ranges[tier]
        first = bisect_left(ranges, start, key=itemgetter(1))
        return slice(first, bisect_right(ranges, stop, lo=first, key=itemgetter(0)))
