"""Serve an invented unit's usage log from a process of its own: prints its address, waits.

`python -m tests.bench.node_server FOLDER RECORDS READER_KEY_HEX`
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import orjson

from fenhe_client.feed_writer import new_record
from tests.bench.usage import bodies
from tests.hub.fake_node import FakeNode


async def serve(folder: Path, records: int, reader: bytes) -> None:
    """Publish everything, then serve until killed."""
    node = FakeNode(folder, number=1)
    node.trust(reader)
    origin = f"{node.origin}/usage"
    made = [orjson.loads(body) | {"unit": node.uscc} for body in bodies(records)]
    lines = [orjson.dumps(body, option=orjson.OPT_SORT_KEYS) for body in made]
    node.append([new_record(origin, {"hub": line}) for line in lines], log="usage")
    async with node.serving():
        print(json.dumps({"url": node.url, "fingerprint": node.fingerprint}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])))
