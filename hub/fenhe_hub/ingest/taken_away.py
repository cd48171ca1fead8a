"""What new `x` leaves take away of one log, gathered until it is obeyed (feed §4, §11).

An `x` may stand in the log itself or in a later epoch of it; then it reaches up to where this log
ended, for what lies above has no effect. Whatever ranges it names, no more is looked at than the
mirror holds, and what is erased already is not looked at again.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from fenhe_hub.ingest.first_receipts import HeldLines
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.erasures import Erasures, Ranges, blocks_of
from fenhe_protocol.leaf import EraseLeaf


@dataclass
class TakenAway:
    """One log: what was erased of it before and what goes now; `blocks` are those of the latter."""

    log: MirrorLog
    erasures: Erasures
    end: int  # what lies there or above is not erased
    blocks: set[int] = field(default_factory=set)
    grown: bool = False

    @cached_property
    def _size(self) -> int:
        head = self.log.head()
        return head.size if head else 0

    @cached_property
    def _held(self) -> HeldLines:
        return HeldLines(self.log)

    def news(self, leaf: EraseLeaf) -> Ranges:
        """What of an `x` is not erased yet."""
        return self.erasures.news(self._below_end(leaf))

    def holds(self, ranges: Ranges) -> bool:
        """Whether lines of these ranges lie in the mirror."""
        return self._held.any_of(ranges, self._size)

    def take(self, leaf: EraseLeaf) -> None:
        """Let it be erased."""
        news = self.erasures.add(self._below_end(leaf))
        self.grown = self.grown or bool(news)
        self.blocks |= blocks_of(news, self._size)

    def _below_end(self, leaf: EraseLeaf) -> EraseLeaf:
        below = ((a, min(b, self.end)) for a, b in leaf.ranges if a < self.end)
        return replace(leaf, ranges=tuple(below), log=None)
