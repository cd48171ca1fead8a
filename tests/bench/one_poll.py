"""Ask all logs of a hub's units whether they have grown; they never have.

`python -m tests.bench.one_poll HOME ROUNDS` prints visits a second of the hub's own rounds;
`python -m tests.bench.one_poll --bare ADDRESSES ROUNDS` those of a bare aiohttp loop that asks the
same addresses (a JSON list) for the same checkpoints, as many at once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from aiohttp import ClientSession, TCPConnector

from fenhe_client import collector
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.hub import open_hub
from fenhe_hub.visiting.workshop import open_workshop

AT_ONCE = 32


async def poll(home: Path, rounds: int) -> float:
    """Visits a second, after a first round that takes everything in."""
    hub = open_hub(home)
    async with open_workshop(hub) as workshop:
        targets = workshop.targets()
        await workshop.rounds.once(targets)
        start, visits = time.perf_counter(), 0
        for _ in range(rounds):
            reports = await workshop.rounds.once(targets)
            if {report.outcome for report in reports} != {Outcome.UNCHANGED}:
                raise RuntimeError(f"not all unchanged: {reports}")
            visits += len(reports)
        return visits / (time.perf_counter() - start)


async def ask(addresses: list[str], rounds: int) -> float:
    """Requests a second of a loop that only asks."""
    places = asyncio.Semaphore(AT_ONCE)
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def one(url: str) -> None:
            async with places, session.get(url) as answer:
                await answer.read()

        await asyncio.gather(*map(one, addresses))
        start = time.perf_counter()
        for _ in range(rounds):
            await asyncio.gather(*map(one, addresses))
        return rounds * len(addresses) / (time.perf_counter() - start)


if __name__ == "__main__":
    collector.relax()  # as the program does; the bare loop has the same
    if sys.argv[1] == "--bare":
        print(asyncio.run(ask(json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3]))))
    else:
        print(asyncio.run(poll(Path(sys.argv[1]), int(sys.argv[2]))))
