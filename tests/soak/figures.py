"""What a soak came to: how an epoch went, one line at the end, and the page that keeps it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from fenhe_protocol.encoding import date_at
from tests.bench.machine import describe
from tests.bench.page import RELIABILITY, keep
from tests.soak.measured import FEWEST, MIB, is_flat, thirds
from tests.soak.town import Counts

DAY = 86_400

# The last third of the epochs against the second: what a cache may still take, and no leak may.
MEMORY_SHARE, MEMORY_SLACK = 0.05, 8 * MIB
DESCRIPTORS_SLACK = 4


@dataclass(frozen=True)
class Epoch:
    """How things stood at the end of one."""

    now: int
    leaves: int
    records: int
    stored: int  # bytes of the hub's home
    resident: int  # of the hub's process
    settled: int  # of that, without what SQLite caches
    descriptors: int
    peak: float  # that a killed child had resident at most, their median


@dataclass
class Figures:
    """Of a story so far."""

    seed: str
    units: int
    start: int
    epochs: list[Epoch] = field(default_factory=list)
    town: Counts = field(default_factory=Counts)
    visits: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    children: int = 0
    heads: int = 0
    most: int = 0  # bytes that any child had resident
    seconds: float = 0

    def progress(self, number: int) -> str:
        """One line for an epoch."""
        epoch = self.epochs[-1]
        return (
            f"epoch {number} {date_at(epoch.now)} {self.seconds:,.0f} s: kills {self.kills:,}"
            f" + {self.town.killed:,}, leaves {epoch.leaves:,}, records {epoch.records:,},"
            f" hub {epoch.resident / MIB:,.0f} MiB,"
            f" {epoch.settled / MIB:,.0f} without caches, {epoch.descriptors} files,"
            f" child {epoch.peak / MIB:,.0f} MiB, disk {epoch.stored / MIB:,.0f} MiB"
        )

    def growing(self) -> list[str]:
        """What was not flat in the last two thirds, through which one hub lived."""
        measured: dict[str, tuple[list[float], float, float]] = {
            "memory of the hub": ([e.settled for e in self.epochs], MEMORY_SHARE, MEMORY_SLACK),
            "memory of its children": ([e.peak for e in self.epochs], MEMORY_SHARE, MEMORY_SLACK),
            "descriptors": ([e.descriptors for e in self.epochs], 0, DESCRIPTORS_SLACK),
        }
        return [
            f"{name} grows: {thirds(values)}"
            for name, (values, share, slack) in measured.items()
            if not is_flat(values, share=share, slack=slack)
        ]

    def bytes_for_a_leaf(self) -> float:
        """By how many bytes the hub's home grew for each leaf of the last third."""
        third = self.epochs[-max(len(self.epochs) // 3, 2) :]
        grown, leaves = third[-1].stored - third[0].stored, third[-1].leaves - third[0].leaves
        return grown / max(leaves, 1)

    def line(self) -> str:
        """All of it in one line."""
        last, town = self.epochs[-1], self.town
        days = (last.now - self.start) / DAY
        return (
            f"{self.units:,} units, {days:,.0f} days of story in {self.seconds / 60:,.0f} minutes:"
            f" {self.kills:,} rounds of the hub killed of {self.children:,}, {town.killed:,} of"
            f" {town.publishes:,} publishes killed; {sum(self.visits.values()):,} visits,"
            f" {sum(n for how, n in self.visits.items() if _failed(how)):,} of them in vain;"
            f" {town.erasures:,} erasures, {town.rotations:,} rotations, {town.moves:,} moves,"
            f" {town.ill:,} spells of misbehaviour; {last.leaves:,} leaves, {last.records:,}"
            f" bodies, {self.heads:,} heads seen, nothing lost; {self._memory()};"
            f" {self.bytes_for_a_leaf():,.0f} bytes of disk for a leaf, at"
            f" {last.leaves / town.publishes:,.1f} leaves a publish"
        )

    def _memory(self) -> str:
        if len(self.epochs) < FEWEST:
            return f"memory {self.epochs[-1].resident / MIB:,.0f} MiB, too few epochs to judge it"
        hub = _spoken([epoch.settled / MIB for epoch in self.epochs])
        most = max(epoch.resident for epoch in self.epochs)
        child = _spoken([epoch.peak / MIB for epoch in self.epochs])
        files = _spoken([epoch.descriptors for epoch in self.epochs])
        return (
            f"second third → last third: memory of the hub without caches {hub} MiB (with them at"
            f" most {most / MIB:,.0f}), of its killed children {child} MiB (at most"
            f" {self.most / MIB:,.0f}), open files {files}"
        )

    def keep(self) -> None:
        """Write the line into the page."""
        keep("soak", f"{describe()}; seed {self.seed}.\n\n{self.line()}.", RELIABILITY)


def _spoken(values: Sequence[float]) -> str:
    before, after = thirds(values)
    return f"{before:,.0f} → {after:,.0f}"


def _failed(outcome: str) -> bool:
    return outcome.partition(" ")[0] not in ("grown", "unchanged")
