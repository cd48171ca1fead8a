"""The given stack used as its manuals show it: json, jsonschema, sqlite-utils upsert, page by page.

Run alone: `python -m tests.bench.given_stack PAGES DATABASE RECORDS`; it stops after so many.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path

import sqlite_utils
from jsonschema import Draft202012Validator

from fenhe_protocol.schema import SchemaSet


def ingest(folder: Path, database: Path, records: int) -> tuple[int, float]:
    """Take pages of 1,000 into a fresh database; return records and seconds."""
    validator = Draft202012Validator(dict(SchemaSet.load().kind("service_record").schema))
    table = sqlite_utils.Database(database).table("service_record")
    start, count = time.perf_counter(), 0
    for page in sorted(folder.glob("*.gz")):
        rows = [json.loads(line) for line in gzip.decompress(page.read_bytes()).split(b"\n")]
        for row in rows:
            validator.validate(row)
        table.upsert_all(rows, pk=("unit", "id"))
        count += len(rows)
        if count >= records:
            break
    return count, time.perf_counter() - start


if __name__ == "__main__":
    done, took = ingest(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    print(done, took)
