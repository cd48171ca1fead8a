"""Since when each leaf of a log counts as delivered, by its cosigned heads (feed §9)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from fenhe_hub.index.services import place_of
from fenhe_protocol.encoding import date_at


@dataclass(frozen=True)
class Receipts:
    """The cosigned heads of one log: for every size the earliest time of it or a larger one."""

    sizes: list[int]
    earliest: list[int]
    days: list[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        days = [date.fromisoformat(date_at(each)) for each in self.earliest]
        object.__setattr__(self, "days", days)

    def delivered_on(self, index: int) -> date | None:
        """Return the day (UTC+8) on which the leaf counted as delivered."""
        position = bisect_right(self.sizes, index)
        return self.days[position] if position < len(self.sizes) else None

    def by_place(self, log_no: int) -> Iterator[tuple[int, int]]:
        """(place behind the last leaf of each head, its time), and where nothing is delivered yet.

        What stands behind the last head is delivered at no time that is known: never too late.
        """
        for size, at in zip(self.sizes, self.earliest, strict=True):
            yield place_of(log_no, size), at
        yield place_of(log_no + 1, 0), 1 << 53


def make_receipts(heads: Iterable[tuple[int, int]]) -> Receipts:
    """Make receipts from (size, time) pairs in any order."""
    ordered = sorted(heads)
    earliest = [at for _, at in ordered]
    for position in range(len(earliest) - 2, -1, -1):
        earliest[position] = min(earliest[position], earliest[position + 1])
    return Receipts([size for size, _ in ordered], earliest)
