"""What visiting needs, opened together: web, mirror, index, memory. Start at `sync_once`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

from fenhe_client.fetching.fetch import Web
from fenhe_client.stored.disk import Disk
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.fed.round import FedRound, Published, joined
from fenhe_hub.hub import Hub
from fenhe_hub.ingest.scour import scour
from fenhe_hub.registry.enrolled import Registry
from fenhe_hub.targets import Target, targets
from fenhe_hub.visiting.archive import Archive
from fenhe_hub.visiting.rounds import Rounds
from fenhe_hub.visiting.sync import Syncer
from fenhe_hub.visiting.taking_up import take_up
from fenhe_hub.visiting.verdict import LogReport, merged
from fenhe_hub.witnessing.asking import ask_witnesses
from fenhe_hub.witnessing.before_signing import refuse_if_behind

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
    web: Web

    def targets(self) -> list[Target]:
        """All logs there are to visit now."""
        return list(targets(self.hub, self.archive.db))

    async def take_up(self) -> int:
        """Read the root documents of units that lower hubs name; how many came new."""
        return await take_up(self.hub, self.web, self.archive.db)


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
            yield Workshop(hub, archive, rounds, web)


async def sync_once(
    hub: Hub, *, clock: Clock = system_clock, disk: Disk | None = None
) -> tuple[list[LogReport], Published]:
    """Visit every log of every unit, ask the witnesses, then say in `fed` what came of it.

    What lower hubs say is taken up on the way, so that one round brings what lies beneath. Nothing
    is visited or signed where others have more of our own log: `refuse_if_behind`.
    """
    await refuse_if_behind(hub)
    reports: dict[str, LogReport] = {}
    _add(reports, await _visit(hub, clock, disk, lambda each: not each.copies))
    await ask_witnesses(hub, clock=clock, disk=disk)
    said = await publish_owed(hub, clock, disk)
    if said.cleared or _has_lower_hubs(hub):
        # What erasures waited for is said: they are obeyed now, and their logs go on. What lower
        # hubs announce is read under the heads that they said in this round.
        cleared = said.cleared
        _add(
            reports,
            await _visit(
                hub, clock, disk, lambda each: bool(each.copies) or each.origin in cleared
            ),
        )
        said = joined(said, await publish_owed(hub, clock, disk))
    await ask_witnesses(hub, clock=clock, disk=disk)  # now of what `fed` has just said
    await asyncio.to_thread(scour, hub)
    return list(reports.values()), said


def _has_lower_hubs(hub: Hub) -> bool:
    return any(unit.is_hub for unit in Registry(hub.home.registry_file))


def _add(reports: dict[str, LogReport], more: Iterable[LogReport]) -> None:
    for report in more:
        origin = f"{report.unit}/{report.log}"
        reports[origin] = merged(reports.get(origin), report)


async def _visit(
    hub: Hub, clock: Clock, disk: Disk | None, wanted: Callable[[Target], bool]
) -> list[LogReport]:
    async with open_workshop(hub, clock, disk) as workshop:
        reports = await workshop.rounds.once(filter(wanted, workshop.targets()))
        await workshop.take_up()
        return reports


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
