"""Serve an invented unit's usage log from a process of its own: prints its address, waits.

It answers from memory and asks nobody who they are: what is measured is the hub, which signs every
request as ever, and the publisher, elsewhere in life, takes no processor time from it.

`python -m tests.bench.node_server FOLDER RECORDS`
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
from aiohttp import web

from fenhe_client.writing.feed_writer import new_records
from tests.bench.usage import bodies
from tests.hub.fake_node import FakeNode


async def serve(folder: Path, records: int) -> None:
    """Publish everything, then serve until killed."""
    node = FakeNode(folder, number=1)
    origin = f"{node.origin}/usage"
    made = [{"hub": _named(body, node.uscc)} for body in bodies(records)]
    node.append(new_records(origin, made), log="usage")
    app = web.Application()
    app.router.add_get("/{path:.*}", _answer(_files(folder)))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", node.port).start()
    print(json.dumps({"url": node.url, "fingerprint": node.fingerprint}), flush=True)
    await asyncio.Event().wait()


def _named(body: bytes, uscc: str) -> bytes:
    named = orjson.loads(body) | {"unit": uscc}
    return b"%b" % orjson.dumps(named, option=orjson.OPT_SORT_KEYS)  # see `bodies`


def _files(folder: Path) -> dict[str, bytes]:
    trees = [folder / "public", folder / "held"]
    found = [(tree, file) for tree in trees for file in tree.rglob("*") if file.is_file()]
    return {file.relative_to(tree).as_posix(): file.read_bytes() for tree, file in found}


def _answer(files: dict[str, bytes]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        body = files.get(request.match_info["path"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    return answer


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
