"""All parsers on all cores: `python -m tests.fuzz [NAME ...] [--executions N] [--write]`.

Each runs in processes of its own (`one.py`) until it has had its executions or its seconds: first
guided by atheris, if that is installed, then blindly from what atheris has kept. An input that
breaks a parser is kept in the folder of findings and told at once, and so is how far each run came
(`counts.py`). `--write` puts the newest run of each parser into docs/reliability.md, and only where
nothing was found in any; with `--executions 0` nothing is run before.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from tests.bench.page import RELIABILITY, keep
from tests.fuzz.counts import Ran, commit, newest, note, table, today
from tests.fuzz.rooms import ROOMS

GUIDED = 30_000
_COUNT = re.compile(r"stat::number_of_executed_units: (\d+)")


def main() -> int:
    """Run; 1 where something was found."""
    options = _options()
    options.blind |= find_spec("atheris") is None
    names = [(room, each) for room in ROOMS for each in _names(room)]
    chosen = [(r, n) for r, n in names if not options.names or n in options.names]
    with ThreadPoolExecutor(options.jobs) as pool:
        ran = list(pool.map(partial(_run, options), chosen)) if options.executions else []
    print(f"{sum(each.executions for each in ran):,} executions of {len(ran)} parsers")
    if options.write:
        made = table([name for _, name in names], newest(options.findings).values())
        keep("fuzz", made, RELIABILITY)
    return 1 if any(each.found for each in ran) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("names", nargs="*", help="parsers; without any, all of them")
    parser.add_argument("--executions", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=20, help="of the processor, for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=random.randrange(1, 1 << 31))
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--blind", action="store_true", help="without atheris")
    parser.add_argument("--guided", type=int, default=GUIDED, help="of them, chosen by atheris")
    parser.add_argument("--write", action="store_true", help="the table in docs/reliability.md")
    return parser.parse_args()


def _names(room: str) -> list[str]:
    return [each.name for each in import_module(f"tests.fuzz.rooms.{room}").TARGETS]


def _run(options: argparse.Namespace, chosen: tuple[str, str]) -> Ran:
    """First guided by what inputs reach, then blindly from what that has kept."""
    began, count, found, told = time.monotonic(), 0, "", (today(), commit())
    with tempfile.TemporaryDirectory() as corpus:
        if not options.blind:
            most = min(options.executions, options.guided)
            count, found = _child(options, [*chosen, corpus, "--guided"], most)
        if not found and count < options.executions:
            more, found = _child(options, [*chosen, corpus], options.executions - count)
            count += more
    seconds = round(time.monotonic() - began)
    ran = Ran(chosen[1], count, seconds, bool(found), not options.blind, *told)
    note(options.findings, ran)
    print(f"{ran.parser:40} {count:>10,} {seconds:7} s\n{found}".strip(), flush=True)
    return ran


def _child(options: argparse.Namespace, given: list[str], executions: int) -> tuple[int, str]:
    """How many inputs it read, and what it said where one of them broke it."""
    command = [sys.executable, "-m", "tests.fuzz.one", *given, "--executions", str(executions)]
    for name in ("seconds", "seed", "findings"):
        command += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    said = "\n".join(line for line in lines if not line.startswith("INFO: Instrumenting"))
    count = _COUNT.search(said)
    return int(count[1]) if count else 0, "" if done.returncode == 0 and count else said[-4000:]


if __name__ == "__main__":
    sys.exit(main())
