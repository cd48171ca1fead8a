"""When a serving node does by itself what: a handful of periodic jobs on APScheduler.

Each run ends in a stored verdict (`runs`); what fell due while nothing ran is done at the next
start. What the jobs do is in `chores`. Start at `Jobs`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from fenhe_node.runs import Run, read_runs, write_runs
from fenhe_protocol.errors import FenheError, SetupError

log = logging.getLogger("fenhe.node")

LOOK_SECONDS = 60
CLOCK_SLACK = 300  # seconds; clocks are corrected by less


@dataclass(frozen=True)
class Job:
    """One periodic job. `work` may answer with the time it is next needed, else the trigger's.

    `at_first`: it runs as soon as the node first serves; else only when its time has come.
    """

    name: str
    trigger: Any
    work: Callable[[], Awaitable[int | None]]
    at_first: bool = True


def every(seconds: int) -> Any:
    """A trigger for each so many seconds."""
    return IntervalTrigger(seconds=seconds, timezone=UTC)


def at_times(crontab: str, utc_offset_minutes: int, key: str = "publish_at") -> Any:
    """A trigger for five crontab fields in local time; SetupError names the setting."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    try:
        return CronTrigger.from_crontab(crontab, timezone=zone)
    except ValueError as error:
        raise SetupError("setup.value", where=key, found=str(error)) from error


class Jobs:
    """The periodic jobs of one node, their verdicts kept in `file`; `now` gives POSIX seconds."""

    def __init__(
        self,
        file: Path,
        jobs: Sequence[Job],
        now: Callable[[], int],
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._file, self._now, self._look_seconds = file, now, look_seconds
        self._jobs = {job.name: job for job in jobs}
        known = read_runs(file)
        # A job that the configuration no longer has must not be reported as missed.
        self._runs = {name: known.get(name, Run()) for name in self._jobs}
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    @property
    def runs(self) -> Mapping[str, Run]:
        """How each job fares."""
        return self._runs

    async def run(self) -> None:
        """Run everything when it is due, until cancelled."""
        self._scheduler.start()
        try:
            for job in self._jobs.values():
                self._schedule(job, at_once=self._is_overdue(job))
            await self._watch_clock()
        finally:
            self._scheduler.shutdown(wait=False)

    def _is_overdue(self, job: Job) -> bool:
        due = self._runs[job.name].next
        return due <= self._now() if due else job.at_first

    def _schedule(self, job: Job, *, at_once: bool = False) -> None:
        soon = {"next_run_time": datetime.now(UTC)} if at_once else {}
        scheduled = self._scheduler.add_job(
            self._do,
            job.trigger,
            args=[job],
            id=job.name,
            replace_existing=True,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            **soon,
        )
        self._note(job.name, next=int(scheduled.next_run_time.timestamp()))

    async def _watch_clock(self) -> None:
        """Plan anew after a clock was set back: all that is planned would be out of reach."""
        before = self._now()
        while True:
            await asyncio.sleep(self._look_seconds)
            if self._now() < before - CLOCK_SLACK:
                log.warning("the clock was set back by %d s", before - self._now())
                for job in self._jobs.values():
                    self._schedule(job, at_once=job.at_first)
            before = self._now()

    async def _do(self, job: Job) -> None:
        self._note(job.name, started=self._now())
        needed = None
        try:
            needed = await job.work()
        except FenheError as error:
            self._fail(job, str(error))
        except Exception:
            log.exception("%s", job.name)
            self._fail(job, "unexpected")
        else:
            self._note(job.name, ended=self._now(), failed="", failures=0)
        self._note(job.name, next=needed or self._planned(job))

    def _fail(self, job: Job, why: str) -> None:
        log.error("%s: %s", job.name, why)
        self._note(job.name, failed=why, failures=self._runs[job.name].failures + 1)

    def _planned(self, job: Job) -> int:
        return int(self._scheduler.get_job(job.name).next_run_time.timestamp())

    def _note(self, name: str, **changes: Any) -> None:
        self._runs[name] = replace(self._runs[name], **changes)
        write_runs(self._file, self._runs)
