"""A harvest of the same records with sickle into SQLite, as a client of OAI-PMH does it.

Run alone: `python -m tests.bench.harvest ADDRESS DATABASE`. Nothing is verified but the XML.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from itertools import islice
from pathlib import Path

import orjson
from sickle import Sickle

from tests.bench.ceiling import PAGE_RECORDS


def harvest(address: str, database: Path) -> tuple[int, float]:
    """Take everything into a fresh database, a transaction a page; return records and seconds."""
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    db.execute("CREATE TABLE record(id TEXT PRIMARY KEY, datestamp TEXT, metadata BLOB)")
    start, count = time.perf_counter(), 0
    found = Sickle(address).ListRecords(metadataPrefix="service_record")
    while page := list(islice(found, PAGE_RECORDS)):
        rows = [(r.header.identifier, r.header.datestamp, orjson.dumps(r.metadata)) for r in page]
        db.execute("BEGIN")
        db.executemany("INSERT OR REPLACE INTO record VALUES(?,?,?)", rows)
        db.execute("COMMIT")
        count += len(rows)
    seconds = time.perf_counter() - start
    db.close()
    return count, seconds


if __name__ == "__main__":
    done, took = harvest(sys.argv[1], Path(sys.argv[2]))
    print(done, took)
