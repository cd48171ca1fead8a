"""Run every measurement and write the figures into docs/benchmarks.md: `python -m tests.bench`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import ingest, poll, publish, rebuild, search
from tests.bench.machine import describe, spread

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
MOST_REBUILDS = 3  # half a million records each
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> int:
    """Measure, print a table, and with --write keep it in the page."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fenhe-bench-") as folder:
        parts = (_ingest, _publish, _rebuild, _poll, _search)
        lines = [line for part in parts for line in part(Path(folder), options.rounds)]
    heads = "| measure | figure: median (least – greatest) | goal |\n|---|---|---|"
    text = f"{describe()}; {options.rounds} rounds.\n\n" + "\n".join([heads, *lines])
    print(text)
    if options.write:
        _keep(text)
    return 0


def _ingest(folder: Path, rounds: int) -> list[str]:
    figures = []
    for figure in ingest.rounds(folder, rounds):
        figures.append(figure)
        print(f"ingest {len(figures)}/{rounds}", file=sys.stderr)
    bare = [f.bare / f.ceiling for f in figures]
    indexed = [f.indexed / f.ceiling for f in figures]
    return [
        f"| ceiling script, records/s | {spread([f.ceiling for f in figures], 0)} | |",
        f"| verified ingest without secondary index, records/s |"
        f" {spread([f.bare for f in figures], 0)} | |",
        f"| — of the ceiling | {spread(bare)} | ≥ 0.5 |",
        f"| verified ingest with secondary index, records/s |"
        f" {spread([f.indexed for f in figures], 0)} | |",
        f"| — of the ceiling | {spread(indexed)} | ≥ 0.4 |",
        f"| given stack by the book, records/s | {spread([f.stack for f in figures], 0)} | |",
        f"| — verified ingest, all indexes, is so many times that |"
        f" {spread([f.indexed / f.stack for f in figures], 1)} | ≥ 8 |",
        f"| sickle harvest of the same records, records/s |"
        f" {spread([f.harvest for f in figures], 0)} | |",
        f"| — verified ingest, all indexes, is so many times that |"
        f" {spread([f.indexed / f.harvest for f in figures], 1)} | ≥ 5 |",
        f"| hub's peak memory, MiB | {spread([f.peak_mib for f in figures], 0)} | ≤ 300 |",
    ]


def _publish(folder: Path, rounds: int) -> list[str]:
    figures = []
    for figure in publish.rounds(folder, rounds):
        figures.append(figure)
        print(f"publish {len(figures)}/{rounds}", file=sys.stderr)
    return [
        f"| script that hashes and writes what is published, records/s |"
        f" {spread([f.script for f in figures], 0)} | |",
        f"| bodies published, read back and flushed, records/s |"
        f" {spread([f.writer for f in figures], 0)} | |",
        f"| — of the script | {spread([f.writer / f.script for f in figures])} | ≥ 0.5 |",
        f"| a node's `publish` from its database, records/s |"
        f" {spread([f.node for f in figures], 0)} | |",
    ]


def _rebuild(folder: Path, rounds: int) -> list[str]:
    figures = []
    for figure in rebuild.rounds(folder, min(rounds, MOST_REBUILDS)):
        figures.append(figure)
        print(f"rebuild {len(figures)}/{rounds}", file=sys.stderr)
    return [
        f"| ingest of {rebuild.RECORDS:,} records without the network, records/s |"
        f" {spread([f.ingest for f in figures], 0)} | |",
        f"| rebuild of their index, records/s | {spread([f.rebuild for f in figures], 0)} | |",
        f"| — of that ingest | {spread([f.rebuild / f.ingest for f in figures])} | ≥ 0.9 |",
    ]


def _poll(folder: Path, rounds: int) -> list[str]:
    figures = []
    for figure in poll.rounds(folder, rounds):
        figures.append(figure)
        print(f"poll {len(figures)}/{rounds}", file=sys.stderr)
    return [
        f"| bare aiohttp loop, logs asked a second | {spread([f.bare for f in figures], 0)} | |",
        f"| hub's rounds over unchanged logs, a second | {spread([f.hub for f in figures], 0)} | |",
        f"| — of the bare loop | {spread([f.hub / f.bare for f in figures])} | ≥ 0.8 |",
    ]


def _search(folder: Path, rounds: int) -> list[str]:
    db, rate = search.build(folder)
    figures = []
    for number in range(rounds):
        figures.append(search.measure(db))
        print(f"search {number + 1}/{rounds}", file=sys.stderr)
    db.close()
    return [
        f"| full text: instruments indexed a second | {rate:,.0f} | |",
        f"| page of 20 in 100,000, p99, ms | {spread([f.p99 for f in figures], 1)} | |",
        f"| LIKE scan of the same texts, p50, ms | {spread([f.scan_p50 for f in figures], 1)} | |",
        f"| p99 of a page ÷ p50 of the scan | {spread([f.p99 / f.scan_p50 for f in figures])}"
        " | ≤ 0.33 |",
        f"| p99 of a page with count and facets ÷ p50 of the scan |"
        f" {spread([f.whole_p99 / f.scan_p50 for f in figures])} | ≤ 0.25 |",
        "| hits equal to the scan's | all queries, every round | equal |",
    ]


def _keep(text: str) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
