"""What runs for as long as the hub works: the planner, and a handful of periodic jobs.

Start at `run_jobs`. Periodic jobs are APScheduler's, one each and never one for each node: whom to
visit next is the planner's. A job that fails is told of and tried again at its next time.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from fenhe_hub.hub import FED, Hub
from fenhe_hub.inbox.sweep import sweep_inboxes
from fenhe_hub.ingest.letting_go import let_go_due
from fenhe_hub.ingest.scour import scour
from fenhe_hub.pulse import Pulse
from fenhe_hub.push.doorbell import Doorbell
from fenhe_hub.sweep import sweep
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import Clock, Workshop, open_workshop, publish_owed, system_clock

_LOGGER = logging.getLogger("fenhe_hub.jobs")
_PLAN_SECONDS = 5
_PLAN_SHARE = 100  # planning takes no more than this part of the time: it looks at all units
_SWEEP_SECONDS = 3600
_DAY_SECONDS = 86_400
_SILENT_SECONDS = 60  # how long the planner may go without a sign of life
_GRACE = 3  # how many intervals a job may be late before it counts as missed

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done every so many seconds, in a thread; 0 is never.

    `first_after`: seconds after the start at which it is done first, if not after one interval.
    """

    name: str
    seconds: int
    work: Callable[[Hub], object]
    first_after: int | None = None


async def run_jobs(
    hub: Hub,
    pulse: Pulse,
    jobs: Iterable[Job] = (),
    clock: Clock = system_clock,
    doorbell: Doorbell | None = None,
) -> None:
    """Visit and publish until cancelled, and do the other jobs at their times."""
    async with open_workshop(hub, clock) as workshop:
        shift = _Shift(hub, workshop, pulse, clock)
        if doorbell is not None:
            doorbell.listen(workshop.rounds.hint, shift.owes)
        shift.every("plan", _PLAN_SECONDS, shift.plan)
        shift.every("publish", max(hub.config.publish_seconds, 1), shift.publish)
        own = (
            Job("sweep", _SWEEP_SECONDS, lambda hub: sweep(hub, clock())),
            Job("inbox", _SWEEP_SECONDS, lambda hub: sweep_inboxes(hub, clock())),
            Job("scour", _SWEEP_SECONDS, scour),
            Job("let-go", _DAY_SECONDS, lambda hub: let_go_due(hub, clock()), _SWEEP_SECONDS),
        )
        for job in (*jobs, *own):
            shift.every(job.name, job.seconds, shift.in_thread(job.work), job.first_after)
        await shift.work()


class _Shift:
    """The jobs of one process, and what they tell the pulse."""

    def __init__(self, hub: Hub, workshop: Workshop, pulse: Pulse, clock: Clock) -> None:
        self._hub, self._workshop, self._pulse, self._clock = hub, workshop, pulse, clock
        self._scheduler = AsyncIOScheduler(timezone="Asia/Shanghai")
        # Logs of which something may be owed; None: all, as after a start.
        self._changed: set[str] | None = None
        self._plan_again_at = 0.0
        self._heard_below = True  # a lower hub may have named units of which nothing is here

    def every(self, name: str, seconds: int, work: Work, first_after: int | None = None) -> None:
        """Do this at intervals, never twice at once."""

        async def watched() -> None:
            failed = False
            try:
                await work()
            except asyncio.CancelledError:
                return  # the process ends; the scheduler would take it for a failure
            except Exception:
                # Whatever it is, the other jobs go on; the pulse and the log tell of it.
                failed = True
                _LOGGER.exception("job %s failed", name)
            now = self._clock()
            self._pulse.ended(name, now=now, due=now + _GRACE * seconds + 60, failed=failed)

        if seconds:
            wait = seconds if first_after is None else first_after
            self._scheduler.add_job(
                watched,
                "interval",
                seconds=seconds,
                max_instances=1,
                coalesce=True,
                next_run_time=datetime.now(UTC) + timedelta(seconds=wait),
            )

    def in_thread(self, work: Callable[[Hub], object]) -> Work:
        """The work beside the event loop."""
        return lambda: asyncio.to_thread(work, self._hub)

    async def work(self) -> None:
        """Visit until cancelled, with the scheduler beside it."""
        self._scheduler.start()
        try:
            await self.plan()
            await self._workshop.rounds.keep_going(self._told, self._beat)
        finally:
            self._scheduler.shutdown(wait=False)

    async def plan(self) -> None:
        """Take up units enrolled meanwhile, here or beneath, and say nothing of the others."""
        if time.monotonic() < self._plan_again_at:
            return
        if self._heard_below:
            self._heard_below = False
            await self._workshop.take_up()
        before = time.thread_time()
        self._workshop.rounds.plan(self._workshop.targets())
        took = time.thread_time() - before
        self._plan_again_at = time.monotonic() + _PLAN_SHARE * took

    async def publish(self) -> None:
        """Say what is owed."""
        due, self._changed = self._changed, set()
        try:
            said = await publish_owed(self._hub, self._clock, origins=due)
        except BaseException:
            self._changed = None  # what was owed is found out again from all logs
            raise
        self._note(said.held_back)
        for origin in said.cleared:
            self._workshop.rounds.hint(origin)  # an erasure waited for what is said now

    def owes(self, origin: str) -> None:
        """Something may be owed of this log that no visit of this shift brought."""
        self._note([origin])

    def _note(self, origins: Iterable[str]) -> None:
        if self._changed is not None:
            self._changed.update(origins)

    def _told(self, report: LogReport) -> None:
        if report.changed:
            self._note([f"{report.unit}/{report.log}"])
            self._heard_below = self._heard_below or report.log.startswith(FED)
        _tell(report)

    def _beat(self, idle: bool) -> None:
        self._pulse.started = self._pulse.started or idle
        now = self._clock()
        self._pulse.ended("visits", now=now, due=now + _SILENT_SECONDS)


def _tell(report: LogReport) -> None:
    names = ("start", "size", "valid", "refused", "missing", "outcome", "code", "place")
    facts = {name: told for name in names if (told := getattr(report, name)) not in ("", None)}
    if not report.whole or report.size != report.start:
        level = logging.INFO if report.whole else logging.WARNING
        _LOGGER.log(level, "visited %s/%s", report.unit, report.log, extra={"facts": facts})
