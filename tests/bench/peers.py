"""What others would do with the same records: the given stack by the book, and an OAI-PMH harvest.

Each says how many of 100,000 or fewer records a second; `ingest` runs them in its own turns.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.machine import run

STACK_RECORDS = 5_000  # the rate does not depend on how many, and all would take minutes
HARVEST_RECORDS = 20_000


def given_stack(pages: Path, folder: Path) -> float:
    """Records a second of json, jsonschema and sqlite-utils."""
    return _rate(run("tests.bench.given_stack", pages, folder / "stack.sqlite", STACK_RECORDS))


def harvest(folder: Path) -> float:
    """Records a second of sickle."""
    with _publisher() as address:
        return _rate(run("tests.bench.harvest", address, folder / "harvest.sqlite"))


@contextmanager
def _publisher() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.oai_server", str(HARVEST_RECORDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def _rate(printed: str) -> float:
    records, seconds = printed.split()
    return int(records) / float(seconds)
