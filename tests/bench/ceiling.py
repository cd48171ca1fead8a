"""The ceiling: what any ingest must at least do with the bytes, and nothing else.

Gunzip, SHA-256, orjson, jsonschema-rs, and an executemany append of the raw bodies to one table:
no fetching, no log, no mirror, no state. Run alone: `python -m tests.bench.ceiling PAGES DATABASE`.
"""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import sys
import time
from pathlib import Path

import jsonschema_rs
import orjson

from fenhe_protocol.schema import SchemaSet

PAGE_RECORDS = 1_000


def write_pages(bodies: list[bytes], folder: Path) -> None:
    """Write bodies as gzipped pages of 1,000 lines."""
    for number, start in enumerate(range(0, len(bodies), PAGE_RECORDS)):
        page = b"\n".join(bodies[start : start + PAGE_RECORDS])
        (folder / f"{number:06d}.gz").write_bytes(gzip.compress(page, 6, mtime=0))


def ingest(folder: Path, database: Path) -> tuple[int, float]:
    """Take all pages into a fresh database; return records and seconds."""
    validator = jsonschema_rs.validator_for(dict(SchemaSet.load().kind("service_record").schema))
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("CREATE TABLE body(seq INTEGER PRIMARY KEY, hash BLOB, raw BLOB)")
    start, count = time.perf_counter(), 0
    for page in sorted(folder.glob("*.gz")):
        count += _page(db, page, validator, count)
    seconds = time.perf_counter() - start
    db.close()
    return count, seconds


def _page(db: sqlite3.Connection, page: Path, validator: jsonschema_rs.Validator, seq: int) -> int:
    rows: list[tuple[int, bytes, bytes]] = []
    for raw in gzip.decompress(page.read_bytes()).split(b"\n"):
        digest = hashlib.sha256(raw).digest()
        if not validator.is_valid(orjson.loads(raw)):
            raise ValueError(raw)
        rows.append((seq + len(rows), digest, raw))
    db.execute("BEGIN")
    db.executemany("INSERT INTO body VALUES(?,?,?)", rows)
    db.execute("COMMIT")
    return len(rows)


if __name__ == "__main__":
    done, took = ingest(Path(sys.argv[1]), Path(sys.argv[2]))
    print(done, took)
