"""The hub that lives through the whole story, in a process of its own. Start at `HubProcess`.

It is what `serve` is, without its own web pages and with the story's clock: one workshop held open,
rounds of visits, what is owed said in `fed`, and the periodic jobs. Others are killed beside it.
"""

import asyncio
import hashlib
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from fenhe_client import collector
from fenhe_client.checking.pace import Pace
from fenhe_hub.desk.standing import register_as
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.inbox.sweep import sweep_inboxes
from fenhe_hub.index.dump import dump_index
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.letting_go import let_go_due
from fenhe_hub.ingest.scour import scour
from fenhe_hub.operations.check import run_check
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.self_check.check import check_files
from fenhe_hub.sweep import sweep
from fenhe_hub.visiting.workshop import Clock, Workshop, open_workshop, publish_owed
from tests.soak.measured import Measured, measure

Outcomes = Counter[str]
"""How many visits ended how, `outcome code`."""


@dataclass(frozen=True)
class Round:
    """What a round of visits came to."""

    outcomes: Outcomes
    leaves: int


class HubProcess:
    """A hub that has started, and answers what the story asks of it."""

    def __init__(self, home: Path, now: int) -> None:
        collector.relax()
        self._hub, self._now = open_hub(home), now
        self._runner = asyncio.Runner()
        self._opened = AsyncExitStack()
        self._workshop = self._open()

    def _open(self) -> Workshop:
        opening = open_workshop(self._hub, self._clock)
        return self._runner.run(self._opened.enter_async_context(opening))

    def _clock(self) -> int:
        return self._now

    def round(self, now: int, units: Collection[str] | None = None) -> Round:
        """Visit these units or all, say what is owed, and obey what waited for that."""
        self._now = now
        round_ = self._runner.run(visit(self._hub, self._workshop, self._clock, units))
        scour(self._hub)
        return round_

    def jobs(self, now: int) -> None:
        """What `serve` does hourly and daily."""
        self._now = now
        sweep(self._hub, now)
        sweep_inboxes(self._hub, now)
        let_go_due(self._hub, now)
        run_check(self._hub, now)

    def stand(self, origins: Collection[str], state: str, now: int) -> None:
        """Suspend units, or take them back."""
        self._now = now
        for origin in origins:
            register_as(self._hub, origin, state, "示例 soak", [], now)
        self._runner.run(publish_owed(self._hub, self._clock, origins=()))

    def measure(self) -> Measured:
        """Memory and descriptors of this process."""
        archive = self._workshop.archive
        return measure([archive.db, archive._writer])

    def findings(self) -> list[str]:
        """What the self-check finds; it ought to be nothing."""
        pace = Pace(threading.Event(), hurry=True)
        checked = self._runner.run(check_files(self._hub, self._clock, pace))
        return [each.line for each in checked.findings]

    def dump(self) -> str:
        """The digest of everything in the index."""
        digest = hashlib.sha256()
        with closing(open_index(self._hub.home.index)) as db:
            for line in dump_index(db):
                digest.update(line)
        return digest.hexdigest()

    def rebuild(self) -> None:
        """Make the index again from the files; nobody may have it open."""
        self._runner.run(self._opened.aclose())
        rebuild(self._hub)
        self._workshop = self._open()


async def visit(
    hub: Hub, workshop: Workshop, clock: Clock, units: Collection[str] | None = None
) -> Round:
    """Visit these units or all, say in `fed` what came of it, and obey what waited for that."""
    wanted = [t for t in workshop.targets() if units is None or t.unit.origin in units]
    reports = await workshop.rounds.once(wanted)
    origins = None if units is None else [each.origin for each in wanted]
    said = await publish_owed(hub, clock, origins=origins)
    if said.cleared:
        cleared = [each for each in workshop.targets() if each.origin in said.cleared]
        reports += await workshop.rounds.once(cleared)
        await publish_owed(hub, clock, origins=said.cleared)
    outcomes = Counter(f"{report.outcome} {report.code}".strip() for report in reports)
    return Round(outcomes, sum(report.size - report.start for report in reports))
