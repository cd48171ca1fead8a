"""Ask all logs of a hub's units whether they have grown; they never have.

`python -m tests.bench.one_poll HOME` asks by the hub's own rounds, `python -m tests.bench.one_poll
--bare ADDRESSES` by a bare aiohttp loop: the same addresses (a JSON list) for the same checkpoints,
as many at once. Each prints a line when it is ready; for each line it reads, so many rounds, it
prints seconds by the clock and of its own processor for one visit. See `poll`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientSession, TCPConnector

from fenhe_client import collector
from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.hub import open_hub
from fenhe_hub.visiting.workshop import open_workshop

AT_ONCE = 32
MOST_FIRST_ROUNDS = 5

Round = Callable[[], Awaitable[int]]
"""Asks all logs once; how many."""


async def visit(home: Path) -> None:
    """The hub's rounds, once everything was taken in and found to stand still."""
    async with open_workshop(open_hub(home)) as workshop:
        targets = workshop.targets()

        async def outcomes() -> list[str]:
            return [report.outcome for report in await workshop.rounds.once(targets)]

        async def one_round() -> int:
            ended = await outcomes()
            if {*ended} != {Outcome.UNCHANGED}:
                raise RuntimeError(f"not all unchanged: {ended}")
            return len(ended)

        for _ in range(MOST_FIRST_ROUNDS):
            if {*await outcomes()} == {Outcome.UNCHANGED}:
                break
        await obey(one_round)


async def ask(addresses: list[str]) -> None:
    """The loop that only asks."""
    places = asyncio.Semaphore(AT_ONCE)
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def one(url: str) -> None:
            async with places, session.get(url) as answer:
                await answer.read()

        async def one_round() -> int:
            await asyncio.gather(*map(one, addresses))
            return len(addresses)

        await one_round()
        await obey(one_round)


async def obey(one_round: Round) -> None:
    """One more round unmeasured, then as many as are asked for, until nobody asks."""
    await one_round()
    print("ready", flush=True)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        worked, start, visits = time.process_time(), time.perf_counter(), 0
        for _ in range(int(line)):
            visits += await one_round()
        took, work = time.perf_counter() - start, time.process_time() - worked
        print(json.dumps([took / visits, work / visits]), flush=True)


if __name__ == "__main__":
    collector.relax()  # as the program does; the bare loop has the same
    if sys.argv[1] == "--bare":
        asyncio.run(ask(json.loads(Path(sys.argv[2]).read_text())))
    else:
        asyncio.run(visit(Path(sys.argv[1])))
