"""Publish 100,000 service records in a process of its own, and say how long it took.

`python -m tests.bench.one_publish FOLDER RECORDS [--store]`: the writer alone, from bodies to a
signed checkpoint, every file read back and flushed; with --store the whole `publish` of a node,
from records in its database: tiers taken apart, judged, and what is published written down.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import orjson

from fenhe_client import collector
from fenhe_client.stored.files import FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_records
from fenhe_node.publishing.publish import publish
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.schema import SchemaSet
from tests.bench.usage import NOW, bodies
from tests.node.homes import UNIT, Clock, new_node, pen, put

ORIGIN = "u1.example/fenhe/usage"


def write(folder: Path, records: int) -> float:
    """Seconds from bodies to a signed checkpoint."""
    made = bodies(records)
    folder.mkdir(parents=True)
    files = FolderFiles(folder / "public", folder / "held", log="usage")
    writer = FeedWriter(ORIGIN, files, HeadStore(folder / "heads"))
    start = time.perf_counter()
    entries = new_records(ORIGIN, [{"hub": body} for body in made])
    writer.publish(entries, key=SigningKey.from_seed(bytes(32)), now=NOW)
    return time.perf_counter() - start


def publish_from_store(folder: Path, records: int) -> float:
    """Seconds from records in a node's database to a signed checkpoint."""
    folder.mkdir(parents=True)
    node = new_node(folder / "node")
    put(node, [orjson.loads(body) | {"unit": UNIT} for body in bodies(records)])
    start = time.perf_counter()
    done = publish(pen(node, Clock()), SchemaSet.load())
    seconds = time.perf_counter() - start
    if done.refused or done.leaves["usage"] != records:
        raise RuntimeError(f"not everything was published: {done.leaves}")
    return seconds


if __name__ == "__main__":
    collector.relax()  # as the program does
    measure = publish_from_store if "--store" in sys.argv else write
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
