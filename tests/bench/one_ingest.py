"""Let a fresh hub take in one unit, and say how long it took and how much memory.

`python -m tests.bench.one_ingest HOME [--bare] [--from FOLDER]`; bare: without the secondary index;
from: the node's files are read from its folder, so that no network is in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import cast

from yarl import URL

from fenhe_client import collector
from fenhe_client.fetching.addresses import PUBLIC_ONLY, Reach
from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Answer, HttpFetcher, Signer, Web
from fenhe_hub.hub import open_hub
from fenhe_hub.index.tables import create_index, open_index
from fenhe_hub.visiting import workshop
from fenhe_hub.visiting.workshop import open_workshop

SECONDARY = "body_identity"


class FolderWeb(Web):
    """In place of HTTP: every address is the folder of one node."""

    folder = Path()

    def open(
        self, base: str, *, reach: Reach = PUBLIC_ONLY, signer: Signer | None = None
    ) -> HttpFetcher:
        """Read below the folder what would be below the address."""
        return cast("HttpFetcher", FolderFetcher(self.folder, URL(base).path.strip("/")))


class FolderFetcher:
    """The files of a node: what everyone may read, and what is held."""

    def __init__(self, folder: Path, below: str) -> None:
        self._trees = [folder / "public" / below, folder / "held" / below]

    async def get(self, path: str, *, limit: int, etag: str = "", fresh: bool = False) -> Answer:
        """Read one file."""
        for tree in self._trees:
            with suppress(FileNotFoundError):
                return Answer(OK, (tree / path).read_bytes())
        return Answer(ABSENT)


async def ingest(home: Path, *, bare: bool) -> dict[str, float]:
    """Visit all logs once: fetch, verify, validate, mirror durably, index."""
    collector.relax()  # as the program does
    hub = open_hub(home)
    async with open_workshop(hub) as opened:
        if bare:
            with closing(create_index(hub.home.index)) as db:
                db.execute(f"DROP INDEX {SECONDARY}")
        targets = opened.targets()
        start = time.perf_counter()
        reports = await opened.rounds.once(targets)
        seconds = time.perf_counter() - start
    with closing(open_index(hub.home.index)) as db:
        # Not what the visits call new: bodies that come after their leaves are counted by none.
        valid = db.execute("SELECT count(*) FROM body WHERE kind = 'service_record'").fetchone()[0]
    return {
        "records": valid,
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


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--from", type=Path, dest="folder")
    options = parser.parse_args()
    if options.folder:
        FolderWeb.folder = options.folder
        workshop.Web = FolderWeb  # type: ignore[attr-defined]  # the network is what is left out
    print(json.dumps(asyncio.run(ingest(options.home, bare=options.bare))))


if __name__ == "__main__":
    main()
