"""A thousand healthy units beside poisoned ones, class by class: `python -m tests.bench.poison`.

In each window every healthy log falls due once, evenly, and the poisoned among them. What is
measured is how long after that each healthy visit ends, and how much the hub's processor worked;
windows with and without poison take turns. Prints a table; --write keeps it in docs/benchmarks.md.
`--only silent "gzip bomb"` measures some of the classes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from statistics import median

from fenhe_client import collector
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.operations.setup import init_hub
from tests.bench.house import Window, visiting
from tests.bench.ingest import HUB_CODE
from tests.bench.machine import describe
from tests.bench.many_units import served
from tests.bench.one_nodes import enrol_all
from tests.bench.page import keep
from tests.bench.poison_world import CLASSES, OF_A_CLASS

UNITS = 1_000
HEALTHY = "healthy"
TURNS = 2
PER_SECOND = 250  # healthy logs that fall due
_MIDDLE, _PROCESSOR = attrgetter("middle"), attrgetter("processor")
_VISIT_SECONDS = 6  # who hangs is waited for no longer, or a window with them would take minutes


@dataclass(frozen=True)
class Figure:
    """One class: windows without and with it, in the order in which they took turns."""

    name: str
    clean: Sequence[Window]
    poisoned: Sequence[Window]

    def ratio(self, of: Callable[[Window], float]) -> float:
        """Something with poison over the same without, of windows that followed each other."""
        pairs = zip(self.clean, self.poisoned, strict=True)
        return median(of(with_it) / of(without) for without, with_it in pairs)


class World:
    """The process that serves all units."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def say(self, name: str = "") -> None:
        """Let a class be poison, and wait until it is; at first, wait until all are served."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if name:
            self._process.stdin.write(name + "\n")
            self._process.stdin.flush()
        if not self._process.stdout.readline():
            raise RuntimeError("the world has ended")


@contextmanager
def world_in(folder: Path, hub: Hub) -> Iterator[World]:
    """Serve the poisoned units while this lasts."""
    command = [sys.executable, "-m", "tests.bench.poison_world", str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    key = hub.keys.request.public.hex()
    with subprocess.Popen([*command, key], text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            world = World(process)
            world.say()
            yield world
        finally:
            process.kill()


async def measure(
    folder: Path, units: int, turns: int, classes: Sequence[str]
) -> AsyncIterator[Figure]:
    """One figure for each of these classes."""
    hub = init_hub(folder / "hub", "hub.example/fenhe", "http://127.0.0.1:1", HUB_CODE, now=0)
    with served(folder, units), world_in(folder, hub) as world:
        told = json.loads((folder / "poison.json").read_text())
        told[HEALTHY] = json.loads((folder / "units.json").read_text())
        enrol_all(hub, [unit for group in told.values() for unit in group])
        hub = open_hub(hub.home.path)
        hub = replace(hub, config=replace(hub.config, visit_seconds=_VISIT_SECONDS))
        async with visiting(hub) as (house, workshop):
            logs = workshop.targets()
            groups = {
                name: [each for each in logs if each.unit.origin in origins]
                for name, group in told.items()
                for origins in [{unit["origin"] for unit in group}]
            }
            window = partial(house.window, groups[HEALTHY], per_second=PER_SECOND)
            for _ in range(2):  # what was taken in is asked again, so that it is known to stand
                await house.window(logs)
            for name in classes:
                clean, poisoned = [], []
                honest = groups[name]
                for turn in range(turns):
                    # Honest as yet, and later none: who is poisoned stays so.
                    clean.append(await window(() if turn else honest))
                    if not turn:
                        await asyncio.to_thread(world.say, name)
                        await house.window(groups[name])  # the other side makes its bombs now
                    poisoned.append(await window(groups[name]))
                yield Figure(name, clean, poisoned)


def table(figures: Sequence[Figure], units: int) -> list[str]:
    """The rows of the page."""
    lines = [
        f"| {OF_A_CLASS} poisoned beside {units:,} healthy | due to visited without: median, ms"
        " | with: median, ms | with ÷ without | hub's processor | slowest healthy, s"
        " | slowest poisoned, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in figures:
        both = (each.clean, each.poisoned)
        without, with_it = (median(one.middle for one in some) * 1e3 for some in both)
        slowest = max(max(one.waits) for one in each.poisoned)
        beside = max(max(one.beside) for one in each.poisoned)
        lines.append(
            f"| {each.name} | {without:.1f} | {with_it:.1f} | {each.ratio(_MIDDLE):.2f}"
            f" | {each.ratio(_PROCESSOR):.2f} | {slowest:.2f} | {beside:.2f} |"
        )
    ratios = [each.ratio(_MIDDLE) for each in figures]
    told = f"{median(ratios):.2f}, at most {max(ratios):.2f}"
    lines.append(f"| all classes (goal ≤ 1.10) | | | {told} | | | |")
    return lines


async def _all(folder: Path, units: int, turns: int, classes: Sequence[str]) -> list[Figure]:
    figures = []
    async for figure in measure(folder, units, turns, classes):
        figures.append(figure)
        print(f"{figure.name}: {figure.ratio(_MIDDLE):.2f}", file=sys.stderr, flush=True)
    return figures


def main() -> None:
    """Measure, print, and keep with --write."""
    parser = argparse.ArgumentParser(prog="poison")
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--only", nargs="+", choices=CLASSES, default=CLASSES, metavar="CLASS")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args()
    if options.write and options.only != CLASSES:
        parser.error("--write keeps the whole table: not with --only")
    collector.relax()
    with tempfile.TemporaryDirectory(prefix="fenhe-poison-") as name:
        figures = asyncio.run(_all(Path(name), options.units, options.turns, options.only))
    text = "\n".join(table(figures, options.units))
    print(text)
    if options.write:
        keep("poison", f"{describe()}; {options.turns} windows of each kind in turns.\n\n{text}")


if __name__ == "__main__":
    main()
