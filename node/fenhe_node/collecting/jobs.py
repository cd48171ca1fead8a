"""The periodic jobs of the named sources: at their times, and folders all the time."""

import logging

from fenhe_node.collecting.collect import collect
from fenhe_node.collecting.overview import job_name
from fenhe_node.collecting.verdicts import Collected, Now
from fenhe_node.collecting.watching import collect_folder, watch_of
from fenhe_node.jobs import Job, at_times, every
from fenhe_node.node import Node
from fenhe_node.settings.sources import SourceSettings

log = logging.getLogger("fenhe.node")


def source_jobs(node: Node, now: Now) -> list[Job]:
    """One job for each source that is not collected by hand only."""
    return [
        _job(node, each, now) for each in node.config.sources if each.when or each.kind == "folder"
    ]


def _job(node: Node, settings: SourceSettings, now: Now) -> Job:
    if settings.kind != "folder":

        async def at_its_time() -> None:
            _tell(settings.name, await collect(node, settings.name, now))

        where = f"sources · {settings.name} · when"
        times = at_times(settings.when, node.config.utc_offset_minutes, where)
        return Job(job_name(settings.name), times, at_its_time, at_first=False)

    watch = watch_of(node, settings)

    async def look() -> None:
        watch.has_looked = True  # the next look comes by itself
        _tell(settings.name, await collect_folder(node, settings, now, watch))

    return Job(job_name(settings.name), every(settings.still_seconds), look)


def _tell(name: str, done: Collected) -> None:
    for report in done.reports:
        log.info(
            "source %s: %s: %d rows, %d taken, %d refused",
            *(name, report.file, report.rows, report.staged, report.refused),
        )
    for error in done.failures:
        log.warning("source %s: %s", name, error)
