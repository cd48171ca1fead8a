"""What is erased of one log: the union of its `x` leaves, of later epochs' and of `era`. Pure.

For each tier the ranges are disjoint and ascending, so that the same erasures leave the same rows
however they came, and take no more room than there is to tell apart. None is taken in by looking at
all others: a unit may erase leaf by leaf, and say the same as often as it likes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter

from fenhe_protocol.leaf import TIERS, EraseLeaf, merge_ranges
from fenhe_protocol.limits import BLOCK, LARGEST_SIZE

Range = tuple[int, int]
Ranges = Mapping[str, Sequence[Range]]
"""For each tier half-open index ranges."""


def blocks_of(ranges: Ranges, size: int) -> set[int]:
    """The blocks that these ranges touch of a log of this size: an `x` may name any number."""
    spans = [(start, min(stop, size)) for each in ranges.values() for start, stop in each]
    return {block for a, b in spans for block in range(a // BLOCK, -(-b // BLOCK))}


class Erasures:
    """The erased ranges of one log, for each of these tiers; the log that is meant is the same."""

    def __init__(self, ranges: Ranges | None = None, tiers: Sequence[str] = TIERS) -> None:
        given = ranges or {}
        self._ranges = {tier: [*merge_ranges(list(given.get(tier, ())))] for tier in tiers}

    @property
    def ranges(self) -> dict[str, tuple[Range, ...]]:
        """Disjoint ascending ranges; tiers of which nothing is erased are left out."""
        return {tier: tuple(ranges) for tier, ranges in self._ranges.items() if ranges}

    def covers(self, index: int, tier: str) -> bool:
        """Whether this body is erased."""
        ranges = self._ranges.get(tier, ())
        place = bisect_right(ranges, (index, LARGEST_SIZE)) - 1
        return place >= 0 and index < ranges[place][1]

    def within(self, tier: str, start: int, stop: int) -> tuple[Range, ...]:
        """What is erased of one tier in [start, stop), cut to it."""
        met = self._ranges[tier][self._meeting(tier, start, stop)]
        found = ((max(a, start), min(b, stop)) for a, b in met)
        return tuple((a, b) for a, b in found if a < b)

    def news(self, leaf: EraseLeaf) -> dict[str, list[Range]]:
        """What an `x` erases that is not erased yet; tiers without any are left out."""
        found: dict[str, list[Range]] = {}
        for tier in leaf.tiers or self._ranges:
            if news := [
                r for each in self._uncovered(tier, leaf.ranges) for r in self._holes(tier, *each)
            ]:
                found[tier] = news
        return found

    def add(self, leaf: EraseLeaf) -> dict[str, list[Range]]:
        """Take in an `x`, and tell what of it is news."""
        news = self.news(leaf)
        for tier, ranges in news.items():
            for start, stop in ranges:
                self._put(tier, start, stop)
        return news

    def _uncovered(self, tier: str, ranges: Sequence[Range]) -> Iterator[Range]:
        """Those of these that are not erased whole: soon told, for what is known is merged."""
        known = self._ranges.get(tier, [])
        for start, stop in ranges if tier in self._ranges else ():
            place = bisect_right(known, (start, LARGEST_SIZE)) - 1
            if place < 0 or known[place][1] < stop:
                yield start, stop

    def _holes(self, tier: str, start: int, stop: int) -> Iterator[Range]:
        edges = [start, *(edge for each in self.within(tier, start, stop) for edge in each), stop]
        return ((a, b) for a, b in list(pairwise(edges))[::2] if a < b)

    def _put(self, tier: str, start: int, stop: int) -> None:
        place = self._meeting(tier, start, stop)
        met = self._ranges[tier][place]
        self._ranges[tier][place] = merge_ranges([*met, (start, stop)])

    def _meeting(self, tier: str, start: int, stop: int) -> slice:
        """Where the ranges stand that overlap [start, stop) or touch it."""
        ranges = self._ranges[tier]
        first = bisect_left(ranges, start, key=itemgetter(1))
        return slice(first, bisect_right(ranges, stop, lo=first, key=itemgetter(0)))
