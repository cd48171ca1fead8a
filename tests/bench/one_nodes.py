"""What one hub costs with so many units: `python -m tests.bench.one_nodes HOME WINDOWS`.

Enrols the units of HOME/../units.json, takes their logs in, asks them again, says what is owed,
and asks the pages; prints the figures as JSON. All times are of this process's processor.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from aiohttp import ClientSession, TCPConnector
from aiohttp.test_utils import TestClient, TestServer

from fenhe_client import collector
from fenhe_client.stored.files import root_path
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.roots import root_files
from fenhe_hub.operations.setup import init_hub
from fenhe_hub.registry.enrolled import Enrolment, Registry
from fenhe_hub.targets import Target
from fenhe_hub.web.app import make_app
from fenhe_hub.web.serving import Serving
from tests.bench.house import House, visiting
from tests.bench.ingest import HUB_CODE
from tests.bench.many_units import LOGS
from tests.bench.usage import NOW

PAGES = ("/units", "/api/v1/units", "/api/v1/stats", "/", "/metrics", "/healthz")
_TIMES = 3
_AT_A_TIME = 200  # logs
_AT_ONCE = 32


def enrol_all(hub: Hub, told: list[dict[str, str]]) -> None:
    """Let a hub know these units, as `enrol` would leave it, with one writing for all."""
    units = []
    for unit in told:
        files = root_files(hub.home, unit["origin"])
        files.write_all({root_path(1): unit["root"].encode()})
        enrolment = Enrolment(
            origin=unit["origin"],
            uscc=unit["uscc"],
            root1=unit["fingerprint"],
            url=unit["url"],
            root_url=unit["url"],
            allow_private=True,
        )
        units.append(enrolment)
    Registry(hub.home.registry_file).put_all(units)


async def measure(home: Path, windows: int) -> dict[str, float]:
    """The figures of one hub."""
    told = json.loads((home.parent / "units.json").read_text())
    start = time.process_time()
    hub = init_hub(home, "hub.example/fenhe", "http://127.0.0.1:1", HUB_CODE, now=NOW)
    enrol_all(hub, told)
    with FedRound(hub) as fed:
        fed.publish(int(time.time()))
    found = {"enrol": time.process_time() - start}
    found |= await _visit(hub, windows)
    start = time.process_time()
    with FedRound(hub) as fed:
        fed.publish(int(time.time()))
    found["first_publish"] = time.process_time() - start
    found["publish"] = await _least(lambda: _publish(hub))
    found |= await _ask_pages(hub)
    found["disk"] = _on_disk(home)
    return found


async def _visit(hub: Hub, windows: int) -> dict[str, float]:
    """What visits cost; unchanged logs by so many at a time, the middle of at least `windows`."""
    found = {}
    start = time.process_time()
    async with visiting(open_hub(hub.home.path)) as (house, workshop):
        found["first_visits"] = time.process_time() - start
        logs = workshop.targets()
        await house.window(logs)
        some = [logs[place : place + _AT_A_TIME] for place in range(0, len(logs), _AT_A_TIME)]
        some *= -(-windows // len(some))
        found |= {name: each * len(logs) for name, each in (await _in_turns(house, some)).items()}
        found["plan"] = await _least(lambda: _plan(workshop.rounds.plan, workshop.targets))
        gc.collect()
        found["resident"] = _resident()
    with closing(open_index(hub.home.index)) as db:
        if db.execute("SELECT count(*) FROM log WHERE cosigned_size < size").fetchone()[0]:
            raise RuntimeError("not all was taken in")
    return found


async def _in_turns(house: House, some: Sequence[Sequence[Target]]) -> dict[str, float]:
    """Seconds for one log: visited, asked by a bare loop, and the one over the other."""
    visits, bare = [], []
    async with ClientSession(connector=TCPConnector(limit=_AT_ONCE)) as session:

        async def ask(log: Target) -> None:
            async with session.get(f"{log.unit.url}/{log.name.name}/checkpoint") as answer:
                await answer.read()

        for logs in some:
            visits.append((await house.window(logs)).processor / len(logs))
            start = time.process_time()
            await asyncio.gather(*map(ask, logs))
            bare.append((time.process_time() - start) / len(logs))
    over = median(visit / asked for visit, asked in zip(visits, bare, strict=True))
    return {"visits": median(visits), "bare": median(bare), "over": over}


async def _plan(plan: Callable[[Any], None], targets: Callable[[], Any]) -> None:
    plan(targets())


async def _publish(hub: Hub) -> None:
    with FedRound(hub) as fed:
        fed.publish(int(time.time()), ())


async def _ask_pages(hub: Hub) -> dict[str, float]:
    found = {}
    async with TestClient(TestServer(make_app(Serving(hub)))) as client:
        for page in PAGES:

            async def ask(path: str = hub.config.path + page) -> None:
                async with client.get(path) as answer:
                    await answer.read()
                    if answer.status != 200 and path != "/healthz":
                        raise RuntimeError(f"{path}: {answer.status}")

            found[page] = await _least(ask)
    return found


async def _least(work: Callable[[], Awaitable[object]], times: int = _TIMES) -> float:
    """Processor seconds of the cheapest of several times."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        await work()
        taken.append(time.process_time() - start)
    return min(taken)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _on_disk(home: Path) -> int:
    """Bytes as they are allocated, folders included."""
    return sum(
        os.lstat(Path(parent) / name).st_blocks * 512
        for parent, folders, files in os.walk(home)
        for name in (*folders, *files)
    )


if __name__ == "__main__":
    collector.relax()
    assert len(LOGS) == 2
    print(json.dumps(asyncio.run(measure(Path(sys.argv[1]), int(sys.argv[2])))))
