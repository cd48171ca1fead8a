"""What a verified log holds, counted: leaves by kind, bodies by tier and fate. Pure.

Runs of indices stand for lists: a log of millions without bodies is one run.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fenhe_protocol.block import Gap, JudgedBlock
from fenhe_protocol.encoding import format_time
from fenhe_protocol.erasures import Erasures
from fenhe_protocol.leaf import (
    EraseLeaf,
    HeartbeatLeaf,
    Leaf,
    LeafForm,
    RecordLeaf,
)
from fenhe_protocol.record import Skip

_KINDS = {RecordLeaf: "records", EraseLeaf: "erasures", HeartbeatLeaf: "heartbeats"}


class Runs:
    """Ascending indices as half-open runs."""

    def __init__(self) -> None:
        self.runs: list[tuple[int, int]] = []

    def add(self, index: int) -> None:
        """Append an index above all others."""
        if self.runs and self.runs[-1][1] == index:
            self.runs[-1] = (self.runs[-1][0], index + 1)
        else:
            self.runs.append((index, index + 1))

    def __len__(self) -> int:
        return sum(stop - start for start, stop in self.runs)

    def common(self, others: Iterable[tuple[int, int]]) -> int:
        """How many of the indices lie in `others`, whose runs do not overlap."""
        return sum(
            max(0, min(stop, other_stop) - max(start, other_start))
            for start, stop in self.runs
            for other_start, other_stop in others
        )


@dataclass
class TierTally:
    """The bodies of one tier. `readable` is false where they are not for the one who asks."""

    valid: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    altered: list[int] = field(default_factory=list)
    present: Runs = field(default_factory=Runs)
    missing: Runs = field(default_factory=Runs)
    readable: bool = True


@dataclass
class Tally:
    """Everything counted in one log."""

    leaves: Counter[str] = field(default_factory=Counter)
    last_heartbeat: int | None = None
    tiers: dict[str, TierTally] = field(default_factory=dict)
    erasures: Erasures = field(default_factory=Erasures)

    def add_leaves(self, leaves: Sequence[Leaf | LeafForm]) -> None:
        """Count the next leaves."""
        self.leaves.update(_KINDS.get(type(leaf), "malformed") for leaf in leaves)
        for leaf in leaves:
            if isinstance(leaf, EraseLeaf) and leaf.log is None:
                self.erasures.add(leaf)
            elif isinstance(leaf, HeartbeatLeaf):
                self.last_heartbeat = leaf.time

    def add_bodies(self, tier: str, judged: JudgedBlock, served: Iterable[int]) -> None:
        """Count one tier of a block; `served` are the indices of all lines in its file."""
        tally = self.tiers.setdefault(tier, TierTally())
        lines = set(served)
        for index, verdict in judged.verdicts.items():
            if verdict is Gap.MISSING:
                tally.missing.add(index)
                if index in lines:
                    tally.altered.append(index)
                continue
            tally.present.add(index)
            if isinstance(verdict, Skip):
                tally.refused[verdict.code] += 1
            else:
                tally.valid += 1

    def altered(self, tier: str) -> list[int]:
        """The leaves whose line is there, of another hash, and not erased."""
        found = self.tiers[tier].altered
        return [index for index in found if not self.erasures.covers(index, tier)]

    def members(self) -> dict[str, Any]:
        """As JSON; the leaves that erase are all known by now."""
        beat = None if self.last_heartbeat is None else format_time(self.last_heartbeat)
        return {
            "leaves": dict(self.leaves),
            "last_heartbeat": beat,
            "bodies": {tier: self._tier(tier, each) for tier, each in self.tiers.items()},
        }

    def _tier(self, tier: str, tally: TierTally) -> dict[str, Any]:
        ranges = self.erasures.ranges.get(tier, ())
        erased = tally.missing.common(ranges)
        return {
            "readable": tally.readable,
            "valid": tally.valid,
            "refused": dict(tally.refused),
            "withheld": len(tally.missing) - erased if tally.readable else None,
            "erased": erased,
            "erased_but_served": tally.present.common(ranges),
        }
