"""Polling unchanged units over TLS against a bare aiohttp loop that asks for the same, in turns.

Both processes stay while a round lasts and take turns of a thousand visits; the round's figures are
the medians of its turns, and its ratios those of turns that followed each other.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fenhe_hub.desk.enrolling import enrol_unit, publish_registration
from fenhe_hub.operations.setup import init_hub
from tests.bench.ingest import HUB_CODE
from tests.bench.machine import run
from tests.bench.units_server import LOGS
from tests.bench.usage import NOW

UNITS = 100
ROUNDS_EACH = 5
TURNS = 5

Cost = tuple[float, float]
"""Seconds by the clock and of the asking process's processor, for one visit."""


@dataclass(frozen=True)
class PollFigures:
    """One round: logs asked a second, and what share of the bare loop's the hub's are."""

    bare: float
    hub: float
    share: float
    work_share: float  # the same by processor time


def rounds(folder: Path, count: int) -> Iterator[PollFigures]:
    """Measure `count` rounds; in each the bare loop and the hub take turns."""
    here = folder / "poll"
    here.mkdir()
    with _units(here) as units:
        home, listed, addresses = here / "hub", here / "units.json", here / "addresses.json"
        listed.write_text(json.dumps(units))
        asked = [f"{url}/{log}/checkpoint" for url, _ in units for log in LOGS]
        addresses.write_text(json.dumps(asked))
        run("tests.bench.poll", home, listed)
        for _ in range(count):
            with _asking("--bare", addresses) as bare, _asking(home) as hub:
                yield _figures([(bare(ROUNDS_EACH), hub(ROUNDS_EACH)) for _ in range(TURNS)])


def _figures(turns: list[tuple[Cost, Cost]]) -> PollFigures:
    return PollFigures(
        bare=median(1 / bare[0] for bare, _ in turns),
        hub=median(1 / hub[0] for _, hub in turns),
        share=median(bare[0] / hub[0] for bare, hub in turns),
        work_share=median(bare[1] / hub[1] for bare, hub in turns),
    )


@contextmanager
def _asking(*arguments: object) -> Iterator[Callable[[int], Cost]]:
    """A process that asks as many rounds as it is told to, and is idle between."""
    command = [sys.executable, "-m", "tests.bench.one_poll", *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]

        def read() -> str:
            line: str = process.stdout.readline()
            if not line:
                raise RuntimeError(f"{command} has ended")
            return line

        def cost_of(rounds: int) -> Cost:
            process.stdin.write(f"{rounds}\n")
            process.stdin.flush()
            by_clock, worked = json.loads(read())
            return by_clock, worked

        read()
        yield cost_of
        process.stdin.close()


def enrol(home: Path, units: list[tuple[str, str]]) -> None:
    """Make a hub that knows all units."""
    hub = init_hub(home, "hub.example/fenhe", "http://127.0.0.1:1", HUB_CODE, now=NOW)
    for url, fingerprint in units:
        asyncio.run(enrol_unit(hub, url, fingerprint, allow_private=True))
    publish_registration(hub, now=NOW + 20)


@contextmanager
def _units(folder: Path) -> Iterator[list[tuple[str, str]]]:
    command = [sys.executable, "-m", "tests.bench.units_server", str(folder), str(UNITS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        before = os.environ.get("SSL_CERT_FILE")
        # Whoever is started from now on believes that authority; this process read its own before.
        os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
        try:
            yield [(url, fingerprint) for url, fingerprint in started]
        finally:
            process.kill()
            if before is None:
                del os.environ["SSL_CERT_FILE"]
            else:
                os.environ["SSL_CERT_FILE"] = before


if __name__ == "__main__":
    enrol(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
