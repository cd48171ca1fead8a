"""Run the measurements and write the figures into docs/benchmarks.md: `python -m tests.bench`.

`--only search,poll` runs some of `PARTS`; what is written is the whole table, so only with all.
`--records 1000000` lets a million service records be taken in; some minutes a round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from tests.bench import importing, ingest, poll, publish, rebuild, search, static
from tests.bench.machine import describe, spread
from tests.bench.page import keep

MOST_REBUILDS = 3  # half a million records each
MOST_SCANS = 3  # of a million instruments, twenty times


def main() -> int:
    """Measure, print a table, and with --write keep it in the page."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_names, default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--records", type=int, default=ingest.RECORDS, help="to be taken in")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    if options.write and options.only != list(PARTS):
        parser.error("--write keeps the whole table: not with --only")
    parts = PARTS | {"ingest": partial(_ingest, records=options.records)}
    lines = []
    for name in options.only:
        with tempfile.TemporaryDirectory(prefix=f"fenhe-bench-{name}-") as folder:
            lines += parts[name](Path(folder), options.rounds)
    heads = "| measure | figure: median (least – greatest) | goal |\n|---|---|---|"
    text = f"{describe()}; {options.rounds} rounds.\n\n" + "\n".join([heads, *lines])
    print(text)
    if options.write:
        keep("figures", text)
    return 0


def _names(text: str) -> list[str]:
    asked = text.split(",")
    if unknown := set(asked) - PARTS.keys():
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: none of {', '.join(PARTS)}")
    return [name for name in PARTS if name in asked]


def _ingest(folder: Path, rounds: int, records: int = ingest.RECORDS) -> list[str]:
    figures = []
    for figure in ingest.rounds(folder, rounds, records):
        figures.append(figure)
        print(f"ingest {len(figures)}/{rounds}", file=sys.stderr)
    bare = [f.bare / f.ceiling for f in figures]
    indexed = [f.indexed / f.ceiling for f in figures]
    return [
        f"| ceiling script, records/s | {spread([f.ceiling for f in figures], 0)} | |",
        f"| verified ingest without secondary index, records/s |"
        f" {spread([f.bare for f in figures], 0)} | |",
        f"| — of the ceiling | {spread(bare)} | |",
        f"| verified ingest with secondary index, records/s |"
        f" {spread([f.indexed for f in figures], 0)} | |",
        f"| — of the ceiling | {spread(indexed)} | ≥ 0.5 |",
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


def _import(folder: Path, rounds: int) -> list[str]:
    lines = []
    for form, goal in (("xlsx", "≤ 4"), ("csv", "")):
        figures = []
        for figure in importing.rounds(folder, rounds, form):
            figures.append(figure)
            print(f"import .{form} {len(figures)}/{rounds}", file=sys.stderr)
        lines += [
            f"| .{form} of {importing.ROWS:,} rows by the bare reader, s of processor time |"
            f" {spread([f.bare for f in figures], 1)} | |",
            f"| taken in | {spread([f.whole for f in figures], 1)} | |",
            f"| — times the bare reader |"
            f" {spread([f.whole / f.bare for f in figures], 1)} | {goal} |",
            f"| the same again, nothing new | {spread([f.again for f in figures], 1)} | |",
            f"| peak memory, MiB | {spread([f.peak_mib for f in figures], 0)} | |",
        ]
    return lines


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
        f"| — of the bare loop | {spread([f.share for f in figures])} | ≥ 0.8 |",
        f"| — the same by processor time of who asks |"
        f" {spread([f.work_share for f in figures])} | |",
    ]


def _search(folder: Path, rounds: int) -> list[str]:
    lines = []
    for size in search.SIZES:
        db, rate = search.build(folder, size)
        figures = []
        with closing(db):
            for _ in range(min(rounds, MOST_SCANS) if size == max(search.SIZES) else rounds):
                figures.append(search.measure(db))
                print(f"search of {size:,} {len(figures)}", file=sys.stderr)
        ratios = [f.p99 / f.scan_p50 for f in figures]
        whole = [f.whole_p99 / f.scan_p50 for f in figures]
        lines += [
            f"| {size:,} instruments: indexed a second | {rate:,.0f} | |",
            f"| LIKE scan of their texts, p50, ms | {spread([f.scan_p50 for f in figures], 1)} | |",
            f"| page of 20, p99, ms | {spread([f.p99 for f in figures], 1)} | |",
            f"| — of the scan | {spread(ratios)} | |",
            f"| page of 20 with count and facets, p99, ms |"
            f" {spread([f.whole_p99 for f in figures], 1)} | |",
            f"| — of the scan | {spread(whole)} | ≤ 0.25 |",
            "| hits equal to the scan's | all queries, every round | equal |",
        ]
    return lines


def _static(folder: Path, rounds: int) -> list[str]:
    if static.NGINX is None:
        return ["| files served beside nginx | not measured here: no nginx on this machine | |"]
    figures = []
    for figure in static.rounds(folder, rounds):
        figures.append(figure)
        print(f"static {len(figures)}/{rounds}", file=sys.stderr)
    lines = []
    for what in figures[0]:
        own, beside = ([getattr(f[what], by) for f in figures] for by in ("own", "nginx"))
        shares = [a / b for a, b in zip(own, beside, strict=True)]
        lines += [
            f"| {what}, answers a second of processor time | {spread(own, 0)} | |",
            f"| the same by nginx from the same folder | {spread(beside, 0)} | |",
            f"| — of nginx | {spread(shares)} | |",
        ]
    return lines


PARTS: dict[str, Callable[[Path, int], list[str]]] = {
    "ingest": _ingest,
    "publish": _publish,
    "import": _import,
    "rebuild": _rebuild,
    "poll": _poll,
    "search": _search,
    "static": _static,
}
"""Each measures so many rounds in a fresh folder, and says its rows of the table."""


if __name__ == "__main__":
    sys.exit(main())
