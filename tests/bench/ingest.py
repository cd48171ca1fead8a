"""Verified ingest of service records against the ceiling script, in turns, in fresh folders."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_hub.desk.enrolling import enrol_unit, publish_registration
from fenhe_hub.operations.setup import init_hub
from tests.bench import peers
from tests.bench.ceiling import write_pages
from tests.bench.machine import run
from tests.bench.usage import NOW, bodies

RECORDS = 100_000
HUB_CODE = "12140000000000027P"


@dataclass(frozen=True)
class IngestFigures:
    """Records a second of one round, and the hub's peak memory in MiB."""

    ceiling: float
    bare: float
    indexed: float
    peak_mib: float
    stack: float
    harvest: float


def rounds(folder: Path, count: int, records: int = RECORDS) -> Iterator[IngestFigures]:
    """Measure `count` rounds; in each all of them take turns, every hub in a fresh home."""
    pages = folder / "pages"
    pages.mkdir()
    write_pages(bodies(records), pages)
    for number in range(count):
        here = folder / str(number)
        here.mkdir()
        done, seconds = run("tests.bench.ceiling", pages, here / "ceiling.sqlite").split()
        bare = _ingest(here / "bare", records, "--bare")
        indexed = _ingest(here / "indexed", records)
        yield IngestFigures(
            int(done) / float(seconds),
            bare["records"] / bare["seconds"],
            indexed["records"] / indexed["seconds"],
            max(bare["peak_mib"], indexed["peak_mib"]),
            peers.given_stack(pages, here),
            peers.harvest(here),
        )


def _ingest(folder: Path, records: int, *options: str) -> dict[str, float]:
    with enrolled(folder, records) as home:
        return measured(home, records, *options)


def measured(home: Path, records: int, *options: object) -> dict[str, float]:
    """Let a fresh hub take in everything: what `one_ingest` says of it."""
    figures: dict[str, float] = json.loads(run("tests.bench.one_ingest", home, *options))
    if figures["records"] != records or figures["refused"]:
        raise RuntimeError(f"not everything was taken in: {figures}")
    return figures


@contextmanager
def enrolled(folder: Path, records: int) -> Iterator[Path]:
    """A fresh hub, `folder`/hub, that knows a served node, `folder`/node, with so many records."""
    folder.mkdir()
    url = "http://127.0.0.1:1"  # the hub itself is not served here
    hub = init_hub(folder / "hub", "hub.example/fenhe", url, HUB_CODE, now=NOW)
    with _node(folder / "node", records) as (address, fingerprint):
        asyncio.run(enrol_unit(hub, address, fingerprint, allow_private=True))
        publish_registration(hub, now=NOW + 20)
        yield folder / "hub"


@contextmanager
def _node(folder: Path, records: int) -> Iterator[tuple[str, str]]:
    command = [sys.executable, "-m", "tests.bench.node_server", str(folder), str(records)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        try:
            yield started["url"], started["fingerprint"]
        finally:
            process.kill()
