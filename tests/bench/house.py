"""A hub that goes on visiting, and logs that fall due when it is told so. Start at `visiting`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from random import Random
from statistics import median

from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.targets import Target
from fenhe_hub.visiting.rounds import Rounds
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import Workshop, open_workshop, system_clock

_NEVER = 86_400  # seconds until anybody is due untold


@dataclass(frozen=True)
class Window:
    """One stretch of time in which every healthy log fell due once."""

    waits: Sequence[float]  # seconds from due to visited, of the healthy
    beside: Sequence[float]  # the same of the others
    processor: float  # seconds that the hub's processor worked

    @property
    def middle(self) -> float:
        """The median of the healthy."""
        return median(self.waits)


class House:
    """A hub that visits for as long as this is open; logs fall due when they are hinted at."""

    def __init__(self, rounds: Rounds, logs: Sequence[Target]) -> None:
        self._rounds = rounds
        self._ended: dict[str, float] = {}
        self._waiting: set[str] = {each.origin for each in logs}
        self._all_ended = asyncio.Event()
        rounds.plan(logs)
        self._going = asyncio.create_task(rounds.keep_going(self._told, lambda idle: None))

    def _told(self, report: LogReport) -> None:
        origin = f"{report.unit}/{report.log}"
        self._ended.setdefault(origin, time.perf_counter())
        self._waiting.discard(origin)
        if not self._waiting:
            self._all_ended.set()

    async def close(self) -> None:
        """End all visits."""
        self._going.cancel()
        await asyncio.gather(self._going, return_exceptions=True)

    async def all_ended(self) -> None:
        """Wait until whoever fell due was visited."""
        await self._all_ended.wait()

    async def window(
        self, healthy: Sequence[Target], beside: Sequence[Target] = (), per_second: float = 1e9
    ) -> Window:
        """Let all fall due one after the other, evenly, the others among them; wait for all."""
        order = [each.origin for each in healthy]
        Random(0).shuffle(order)
        step = len(order) // (len(beside) or 1)
        for place, each in enumerate(beside):
            order.insert(place * (step + 1), each.origin)
        self._ended, self._waiting, due = {}, set(order), {}
        self._all_ended.clear()
        worked, start = time.process_time(), time.perf_counter()
        for number, origin in enumerate(order):
            await asyncio.sleep(start + number / per_second - time.perf_counter())
            due[origin] = time.perf_counter()
            self._rounds.hint(origin)
        await self.all_ended()
        waits = {origin: self._ended[origin] - due[origin] for origin in order}
        others = [waits.pop(each.origin) for each in beside]
        return Window(list(waits.values()), others, time.process_time() - worked)


@asynccontextmanager
async def visiting(hub: Hub) -> AsyncIterator[tuple[House, Workshop]]:
    """The hub's visits, going on; all logs were taken in."""
    hub = replace(hub, config=replace(hub.config, interval_seconds=_NEVER))
    async with open_workshop(hub) as workshop:
        with FedRound(hub) as fed:
            fed.publish(system_clock())
        house = House(workshop.rounds, workshop.targets())
        try:
            await house.all_ended()
            yield house, workshop
        finally:
            await house.close()
