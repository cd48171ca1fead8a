"""Let a fresh hub take in one unit, and say how long it took and how much memory.

`python -m tests.bench.one_ingest HOME [--bare]`; bare: without the secondary index.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from contextlib import closing
from pathlib import Path

from fenhe_client import collector
from fenhe_hub.hub import open_hub
from fenhe_hub.index.tables import create_index
from fenhe_hub.workshop import open_workshop

SECONDARY = "body_identity"


async def ingest(home: Path, *, bare: bool) -> dict[str, float]:
    """Visit all logs once: fetch, verify, validate, mirror durably, index."""
    collector.relax()  # as the program does
    hub = open_hub(home)
    async with open_workshop(hub) as workshop:
        if bare:
            with closing(create_index(hub.home.index)) as db:
                db.execute(f"DROP INDEX {SECONDARY}")
        targets = workshop.targets()
        start = time.perf_counter()
        reports = await workshop.rounds.once(targets)
        seconds = time.perf_counter() - start
    return {
        "records": sum(report.valid for report in reports),
        "refused": sum(report.refused for report in reports),
        "seconds": seconds,
        "peak_mib": _peak_mib() + _second_peak_mib(),
    }


def _peak_mib() -> float:
    """Read the high-water mark of this very program; getrusage would count its parent's."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


def _second_peak_mib() -> float:
    """The most that the second process can have used: where it is less, this program's own."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(ingest(Path(sys.argv[1]), bare="--bare" in sys.argv))))
