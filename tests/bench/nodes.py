"""What a node costs its hub, from a hundred of them to ten thousand: `python -m tests.bench.nodes`.

The folder lies in memory where it can: what is measured is the processor's time, not the disk's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.bench.machine import describe, run
from tests.bench.many_units import LOGS, served
from tests.bench.one_nodes import PAGES
from tests.bench.page import keep

COUNTS = (100, 1_000, 10_000)
WINDOWS = 20
_FLAT = "× ≤ 1.2"


@dataclass(frozen=True)
class Hub:
    """The figures of a hub with so many units: seconds and bytes in all."""

    units: int
    figures: dict[str, float]

    def each(self, name: str, scale: float, per: int = 1) -> float:
        """A figure for one unit, or for one of `per` things of each unit."""
        return self.figures[name] * scale / (self.units * per)


def measure(counts: Sequence[int]) -> Iterator[Hub]:
    """Measure one hub of each size, each in a process of its own."""
    shared = Path("/dev/shm")
    for count in counts:
        with tempfile.TemporaryDirectory(
            prefix="fenhe-nodes-", dir=shared if shared.is_dir() else None
        ) as name:
            folder = Path(name)
            with served(folder, count):
                found = run("tests.bench.one_nodes", folder / "hub", WINDOWS)
        yield Hub(count, json.loads(found))


def table(hubs: Sequence[Hub]) -> list[str]:
    """The rows of the page: each figure at each size, and how much the last exceeds the first."""
    shown = " / ".join(f"{hub.units:,}" for hub in hubs)
    rows = [
        ("unchanged log visited, ms", [h.each("visits", 1e3, len(LOGS)) for h in hubs], 2),
        ("the same in requests of a bare loop", [h.each("over", 1, len(LOGS)) for h in hubs], 2),
        ("log taken in, ms", [h.each("first_visits", 1e3, len(LOGS)) for h in hubs], 1),
        ("enrolled and said in `fed`, ms", [h.each("enrol", 1e3) for h in hubs], 2),
        ("on disk, KiB", [h.each("disk", 1 / 1024) for h in hubs], 0),
        ("in memory beyond the hub before, KiB", _added(hubs), 1),
    ]
    lines = [f"| a node at the hub: {_row(name, shown, values, n)}" for name, values, n in rows]
    for name, figure in (("planned anew", "plan"), ("a publish that owes nothing", "publish")):
        values = " / ".join(f"{hub.figures[figure] * 1e3:,.0f}" for hub in hubs)
        lines.append(f"| {name}, all of {shown} units, ms | {values} | |")
    for page in PAGES:
        values = " / ".join(f"{hub.figures[page] * 1e3:,.0f}" for hub in hubs)
        lines.append(f"| `{page}` of a hub of {shown} units, ms | {values} | |")
    return lines


def _added(hubs: Sequence[Hub]) -> list[float]:
    """Resident KiB for each unit more than the smaller hub has."""
    return [
        (then.figures["resident"] - first.figures["resident"]) / 1024 / (then.units - first.units)
        for first, then in pairwise(hubs)
    ]


def _row(name: str, shown: str, values: Sequence[float], digits: int) -> str:
    told = " / ".join(f"{value:,.{digits}f}" for value in values)
    return f"{name}, of {shown} | {told} (× {values[-1] / values[0]:.2f}) | {_FLAT} |"


def main() -> None:
    """Measure, print, and keep with --write."""
    parser = argparse.ArgumentParser(prog="nodes")
    parser.add_argument("counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    hubs = []
    for hub in measure(options.counts):
        hubs.append(hub)
        print(json.dumps({"units": hub.units} | hub.figures), file=sys.stderr, flush=True)
    heads = "| measure | figure | goal |\n|---|---|---|"
    text = f"{describe()}.\n\n" + "\n".join([heads, *table(hubs)])
    print(text)
    if options.write:
        keep("nodes", text)


if __name__ == "__main__":
    main()
