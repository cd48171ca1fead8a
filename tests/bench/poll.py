"""Polling unchanged units over TLS against a bare aiohttp loop that asks for the same, in turns."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_hub.operations.enrol import enrol_unit, publish_registration
from fenhe_hub.operations.setup import init_hub
from tests.bench.ingest import HUB_CODE
from tests.bench.machine import run
from tests.bench.units_server import LOGS
from tests.bench.usage import NOW

UNITS = 100
ROUNDS_EACH = 5


@dataclass(frozen=True)
class PollFigures:
    """Logs asked a second of one round."""

    bare: float
    hub: float


def rounds(folder: Path, count: int) -> Iterator[PollFigures]:
    """Measure `count` rounds; in each the bare loop and the hub ask all logs several times."""
    here = folder / "poll"
    here.mkdir()
    with _units(here) as units:
        home, listed, addresses = here / "hub", here / "units.json", here / "addresses.json"
        listed.write_text(json.dumps(units))
        asked = [f"{url}/{log}/checkpoint" for url, _ in units for log in LOGS]
        addresses.write_text(json.dumps(asked))
        run("tests.bench.poll", home, listed)
        for _ in range(count):
            bare = float(run("tests.bench.one_poll", "--bare", addresses, ROUNDS_EACH))
            hub = float(run("tests.bench.one_poll", home, ROUNDS_EACH))
            yield PollFigures(bare, hub)


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
