"""Read or take in one list in a process of its own, and say what processor time it took.

`python -m tests.bench.one_import bare FILE`: openpyxl or the csv module alone, every cell seen.
`python -m tests.bench.one_import import FILE STORE`: a node's whole import into a new store, then
the same once more; seconds of both, and the peak memory in MiB.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from pathlib import Path

import openpyxl

from fenhe_client import collector
from fenhe_node.importing.file import import_file
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet
from tests.bench.usage import NOW, USCC


def read(path: Path) -> float:
    """Seconds for every cell's value."""
    start = time.process_time()
    cells = 0
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            cells = sum(1 for row in csv.reader(file) for _ in row)
    else:
        for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
            cells += sum(1 for row in sheet.iter_rows() for cell in row if cell.value is not None)
    if not cells:
        raise RuntimeError("nothing was read")
    return time.process_time() - start


def take_in(path: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds of the first import and of the second, and the peak memory."""
    folder.mkdir(parents=True)
    schemas = SchemaSet.load()
    seconds = []
    with Store.open(folder / "store.sqlite") as store:
        for _ in range(2):
            start = time.process_time()
            done = import_file(store, path, schemas=schemas, unit=USCC, now=NOW)
            seconds.append(time.process_time() - start)
            if done.refused or not done.staged:
                raise RuntimeError(f"not everything was taken in: {done.problems[:3]}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds[0], seconds[1], peak


if __name__ == "__main__":
    collector.relax()  # as the program does
    if sys.argv[1] == "bare":
        print(read(Path(sys.argv[2])))
    else:
        print(json.dumps(take_in(Path(sys.argv[2]), Path(sys.argv[3]))))
