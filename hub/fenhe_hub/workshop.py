"""What visiting needs, opened together: web, mirror, index, memory. Start at `sync_once`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from fenhe_client.disk import Disk
from fenhe_client.fetch import Web
from fenhe_hub.archive import Archive
from fenhe_hub.fed.round import FedRound, Published, joined
from fenhe_hub.hub import Hub
from fenhe_hub.rounds import Rounds
from fenhe_hub.scour import scour
from fenhe_hub.sync import Syncer
from fenhe_hub.targets import Target, targets
from fenhe_hub.verdict import LogReport, merged
from fenhe_hub.visits import Visits
from fenhe_hub.witnessing.asking import ask_witnesses

Clock = Callable[[], int]


def system_clock() -> int:
    """POSIX seconds."""
    return int(time.time())


@dataclass(frozen=True)
class Workshop:
    """The visits of one process and what they work on."""

    hub: Hub
    archive: Archive
    rounds: Rounds

    def targets(self) -> list[Target]:
        """All logs there are to visit now."""
        return list(targets(self.hub.home, self.archive.db))


@asynccontextmanager
async def open_workshop(
    hub: Hub, clock: Clock = system_clock, disk: Disk | None = None
) -> AsyncIterator[Workshop]:
    """Bring the index up to `fed` and the registry, then be ready to visit."""
    await asyncio.to_thread(_catch_up, hub, clock(), disk)
    with Archive(hub, disk) as archive, closing(Visits(hub.home.visits)) as visits:
        async with Web(hub.config.limits) as web:
            syncer = Syncer(hub, web, archive, visits, clock=clock, disk=disk)
            rounds = Rounds(syncer, visits, hub.config.pace, seed=hub.origin, clock=clock)
            yield Workshop(hub, archive, rounds)


async def sync_once(
    hub: Hub, *, clock: Clock = system_clock, disk: Disk | None = None
) -> tuple[list[LogReport], Published]:
    """Visit every log of every unit, ask the witnesses, then say in `fed` what came of it."""
    reports = await _visit_all(hub, clock, disk)
    await ask_witnesses(hub, clock=clock, disk=disk)
    said = await publish_owed(hub, clock, disk)
    if said.cleared:
        # What erasures waited for is said: they are obeyed now, and their logs go on.
        again = await _visit_all(hub, clock, disk, said.cleared)
        late = {(each.unit, each.log): each for each in again}
        reports = [
            merged(each, late[each.unit, each.log]) if (each.unit, each.log) in late else each
            for each in reports
        ]
        said = joined(said, await publish_owed(hub, clock, disk))
    await asyncio.to_thread(scour, hub)
    return reports, said


async def _visit_all(
    hub: Hub, clock: Clock, disk: Disk | None, only: Collection[str] | None = None
) -> list[LogReport]:
    async with open_workshop(hub, clock, disk) as workshop:
        wanted = [each for each in workshop.targets() if only is None or each.origin in only]
        return await workshop.rounds.once(wanted)


async def publish_owed(
    hub: Hub,
    clock: Clock = system_clock,
    disk: Disk | None = None,
    origins: Collection[str] | None = None,
) -> Published:
    """Publish what is owed as soon as the next publish is allowed (feed §9: ten seconds)."""
    said = await asyncio.to_thread(_publish, hub, clock(), disk, origins)
    if isinstance(said, Published):
        return said
    await asyncio.sleep(said)
    return await publish_owed(hub, clock, disk, origins)


def _catch_up(hub: Hub, now: int, disk: Disk | None) -> None:
    with FedRound(hub, disk) as fed:
        fed.catch_up(now)


def _publish(
    hub: Hub, now: int, disk: Disk | None, origins: Collection[str] | None
) -> Published | int:
    """What was said, or for how many seconds nothing may be."""
    with FedRound(hub, disk) as fed:
        return fed.wait(now) or fed.publish(now, origins)
