"""Let a fresh hub take in one unit, and say how long it took and how much memory.

`python -m tests.bench.one_ingest HOME [--bare] [--from FOLDER]`; bare: without the secondary index;
from: the node's files are read from its folder, so that no network is in it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, cast

from yarl import URL

from fenhe_client import collector
from fenhe_client.fetching.addresses import PUBLIC_ONLY, Reach
from fenhe_client.fetching.answers import ABSENT, OK
from fenhe_client.fetching.fetch import Answer, HttpFetcher, Signer, Web
from fenhe_client.reading.second_judge import SecondJudge
from fenhe_hub.hub import open_hub
from fenhe_hub.index.tables import create_index, open_index
from fenhe_hub.visiting import sync, workshop
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
        "peak_mib": _peak_mib("self") + max(WatchedJudge.peaks, default=0),
    }


class WatchedJudge(SecondJudge):
    """A second process of which is noted, before it is ended, how much memory it took at most."""

    peaks: ClassVar[list[float]] = []

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self.peaks.append(_peak_mib(str(self._process.pid)))
        await super().__aexit__(kind, error, trace)


def _peak_mib(process: str) -> float:
    """Read the high-water mark of one program; getrusage would count its parent's."""
    status = Path("/proc", process, "status").read_text("ascii")
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM in /proc/*/status")


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--bare", action="store_true")
    parser.add_argument("--from", type=Path, dest="folder")
    options = parser.parse_args()
    sync.SecondJudge = WatchedJudge  # type: ignore[attr-defined]  # to see what it takes
    if options.folder:
        FolderWeb.folder = options.folder
        workshop.Web = FolderWeb  # type: ignore[attr-defined]  # the network is what is left out
    print(json.dumps(asyncio.run(ingest(options.home, bare=options.bare))))


if __name__ == "__main__":
    main()
