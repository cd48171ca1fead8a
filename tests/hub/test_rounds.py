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
