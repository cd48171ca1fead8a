"""A whole check of a simulated province, and one after a single unit spoke, against a bare scan.

`python -m tests.bench.check` (five minutes; `--write` puts it into docs/benchmarks.md; `--units 30`
is a tenth of it). The scan reads every row of the tables that a check reads, and does nothing.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fenhe_client import collector
from fenhe_hub.index.tables import open_index
from tests.bench.machine import describe, spread
from tests.bench.page import keep
from tests.hub.simulated import Province, Scale, build, check, found, rules_with_days, say_again

UNITS, INSTRUMENTS, SERVICES = 300, 200, 12  # of each unit; of each instrument a quarter
TABLES = ("unit", "log", "head", "resource", "service", "skip", "gap", "said", "beat")


@dataclass(frozen=True)
class CheckFigures:
    """Seconds of processor time of one round."""

    scan: float
    summed: float
    whole: float
    one: float
    nothing: float


def measure(province: Province, rounds: int) -> Iterator[CheckFigures]:
    """Scan, check everything, and check after one unit spoke, in turns."""
    rules = rules_with_days()
    check(province, rules)
    if found(province) != province.expected:
        raise RuntimeError("the check did not find exactly what was planted")
    for number in range(rounds):
        scan = _seconds(lambda: _scan(province.db))
        summed = _seconds(lambda: _sum(province.db))
        province.db.execute("DELETE FROM checked")
        whole = _seconds(lambda: check(province, rules))
        say_again(province, province.scale.units - number % 10, function=f"第{number}次改正")
        one = _seconds(lambda: check(province, rules))
        nothing = _seconds(lambda: check(province, rules))
        yield CheckFigures(scan, summed, whole, one, nothing)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _scan(db: sqlite3.Connection) -> int:
    return sum(1 for table in TABLES for _ in db.execute(f"SELECT * FROM {table}"))


def _sum(db: sqlite3.Connection) -> None:
    for table in TABLES:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        lengths = ", ".join(f"total(length({column}))" for column in columns)
        db.execute(f"SELECT {lengths} FROM {table}").fetchone()


def _rows(province: Province, figures: list[CheckFigures]) -> list[str]:
    scale = province.scale
    instruments = scale.units * scale.instruments
    findings = province.db.execute("SELECT count(*) FROM finding").fetchone()[0]
    return [
        f"| {scale.units} units, {instruments:,} instruments, {province.services:,} services:"
        f" findings | {findings:,} | |",
        "| planted breaches found, and nothing else | every one | every one |",
        f"| every row of the same tables read, s | {spread([f.scan for f in figures])} | |",
        f"| their lengths added up within SQL, s | {spread([f.summed for f in figures])} | |",
        f"| check of everything, s | {spread([f.whole for f in figures])} | |",
        f"| — of the scan | {spread([f.whole / f.scan for f in figures], 1)} | ≤ 8 |",
        f"| check after one unit spoke, s | {spread([f.one for f in figures], 3)} | |",
        f"| — of the scan | {spread([f.one / f.scan for f in figures], 3)} | ≤ 0.1 |",
        f"| check when nothing changed, s | {spread([f.nothing for f in figures], 3)} | |",
    ]


def main() -> int:
    """Build, measure, print a table, and with --write keep it in the page."""
    parser = argparse.ArgumentParser(prog="check")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    collector.relax()  # as the program does
    with tempfile.TemporaryDirectory(prefix="fenhe-bench-check-") as folder:
        file = Path(folder) / "index.sqlite"
        with closing(open_index(file)) as db:
            province = build(db, Scale(options.units, INSTRUMENTS, SERVICES))
            print(f"built: {file.stat().st_size >> 20} MiB", file=sys.stderr)
            figures = []
            for figure in measure(province, options.rounds):
                figures.append(figure)
                print(figure, file=sys.stderr)
            lines = _rows(province, figures)
    heads = "| measure | figure: median (least – greatest) | goal |\n|---|---|---|"
    text = f"{describe()}; {options.rounds} rounds; processor time.\n\n" + "\n".join(
        [heads, *lines]
    )
    print(text)
    if options.write:
        keep("check", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
