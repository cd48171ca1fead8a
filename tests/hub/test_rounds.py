"""The visits of one process that goes on: whoever says that it has grown is visited soon."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.visiting.verdict import LogReport
from fenhe_hub.visiting.workshop import Workshop, open_workshop
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded

_YEAR = 366 * 86_400


@asynccontextmanager
async def going_on(province: Province) -> AsyncIterator[tuple[Workshop, asyncio.Queue[LogReport]]]:
    """A workshop that visits whoever is due, and its reports."""
    reports = asyncio.Queue[LogReport]()
    async with open_workshop(province.hub, lambda: province.now) as workshop:
        visiting = workshop.rounds.keep_going(reports.put_nowait, lambda idle: None)
        task = asyncio.create_task(visiting)
        try:
            yield workshop, reports
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_a_log_that_grew_before_it_was_taken_up_is_visited_at_once(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        await province.sync()  # another process was here: nothing is due for minutes
        async with going_on(province) as (workshop, reports):
            size = node.publish(instrument("A-1"))
            workshop.rounds.hint(f"{node.origin}/catalogue")
            workshop.rounds.plan(workshop.targets())
            report = await asyncio.wait_for(reports.get(), 30)
    assert (report.log, report.outcome, report.size) == ("catalogue", Outcome.GROWN, size)


async def test_a_log_is_visited_again_once_its_operator_has_ended_the_quarantine(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        await province.sync()
        honest = node.read("catalogue", "checkpoint")
        node.fork()
        await province.sync()
        node.put_back("catalogue", "checkpoint", honest)
        size = node.publish(instrument("A-2"))
        async with going_on(province) as (workshop, reports):
            workshop.rounds.plan(workshop.targets())
            province.now += 2 * province.hub.config.interval_seconds
            while (report := await asyncio.wait_for(reports.get(), 30)).log != "catalogue":
                pass
            # Nothing is read of it, and what was found stays told.
            assert (report.outcome, report.code, report.size) == ("quarantine", "log.fork", 1)
            evidence = province.hub.home.evidence(f"{node.origin}/catalogue")
            evidence.rename(tmp_path / "filed away")
            province.now += 2 * province.hub.config.interval_seconds
            while (report := await asyncio.wait_for(reports.get(), 30)).log != "catalogue":
                pass
    assert (report.outcome, report.size) == (Outcome.GROWN, size)


async def test_a_clock_that_was_set_back_before_a_start_makes_nobody_wait(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        province.now += _YEAR
        await province.sync()
        province.now -= _YEAR
        node.change_key()
        node.publish(instrument("A-1"))
        node.asked.clear()
        async with going_on(province) as (workshop, reports):
            workshop.rounds.plan(workshop.targets())
            came = {(await asyncio.wait_for(reports.get(), 30)).log for _ in range(2)}
    assert came == {"catalogue", "usage"}
    assert {"root/2", "catalogue/checkpoint", "catalogue/body/pub/000"} <= {*node.asked}
