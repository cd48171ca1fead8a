"""Publishing against a script that hashes and writes the same bytes, in turns, in fresh folders."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.machine import run

RECORDS = 100_000


@dataclass(frozen=True)
class PublishFigures:
    """Records a second of one round."""

    script: float
    writer: float
    node: float


def rounds(folder: Path, count: int) -> Iterator[PublishFigures]:
    """Measure `count` rounds; in each the writer, the script and the whole node take turns."""
    for number in range(count):
        here = folder / f"publish-{number}"
        writer = float(run("tests.bench.one_publish", here / "writer", RECORDS))
        script = float(run("tests.bench.publish", here / "writer", here / "script"))
        node = float(run("tests.bench.one_publish", here / "node", RECORDS, "--store"))
        yield PublishFigures(RECORDS / script, RECORDS / writer, RECORDS / node)


def hash_and_write(source: Path, target: Path) -> float:
    """Seconds for hashing every file of `source` and writing it, flushed, into `target`."""
    found = [path for path in source.rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in found]
    target.mkdir()
    start = time.perf_counter()
    for number, raw in enumerate(contents):
        hashlib.sha256(raw).digest()
        with (target / str(number)).open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - start


if __name__ == "__main__":
    print(hash_and_write(Path(sys.argv[1]), Path(sys.argv[2])))
