"""Rebuilding an index against the same hub's ingest without the network, in turns."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fenhe_client import collector
from fenhe_hub.hub import open_hub
from fenhe_hub.restoring.rebuild import rebuild
from tests.bench.ingest import enrolled, measured
from tests.bench.machine import run

RECORDS = 500_000


@dataclass(frozen=True)
class RebuildFigures:
    """Records a second of one round, all indexes included."""

    ingest: float
    rebuild: float


def rounds(folder: Path, count: int, records: int = RECORDS) -> Iterator[RebuildFigures]:
    """Measure `count` rounds: a hub takes everything in, then makes its index again."""
    for number in range(count):
        here = folder / f"rebuild-{number}"
        with enrolled(here, records) as home:
            ingest = measured(home, records, "--from", here / "node")["seconds"]
        again = float(run("tests.bench.rebuild", home))
        yield RebuildFigures(records / ingest, records / again)


def measure(home: Path) -> float:
    """Seconds for one rebuild."""
    collector.relax()  # as the program does
    hub = open_hub(home)
    start = time.perf_counter()
    rebuild(hub)
    return time.perf_counter() - start


if __name__ == "__main__":
    print(measure(Path(sys.argv[1])))
