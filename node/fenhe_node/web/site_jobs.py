"""What a serving node does for its pages by itself: calendars read, and the files
written again after each publish. Start at `site_jobs`.
"""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from fenhe_node.jobs import Job, every
from fenhe_node.node import Node
from fenhe_node.orders.calendars import look
from fenhe_node.web.server import make_serving
from fenhe_node.web.static_site import refresh_site

log = logging.getLogger("fenhe.node")

LOOK_SECONDS = 60
HOUR = 3600


def site_jobs(node: Node, now: Callable[[], int]) -> list[Job]:
    """All periodic jobs of the public pages."""
    site = node.config.site
    jobs = [Job("calendars", every(HOUR), lambda: _read_calendars(node, now))]
    return [*jobs, *_export_jobs(node, site.export_to, now)]


async def _read_calendars(node: Node, now: Callable[[], int]) -> None:
    home, config = node.home, node.config
    private = config.site.private_calendars
    failed = await look(home.public, home.store, now(), config.utc_offset_minutes, private=private)
    if failed:
        log.warning("%d calendars of booking systems could not be read", failed)


def _export_jobs(node: Node, folder: str, now: Callable[[], int]) -> list[Job]:
    if not folder:
        return []

    async def export() -> None:
        serving = await asyncio.to_thread(make_serving, node, dict, now)
        if await asyncio.to_thread(refresh_site, serving, Path(folder)):
            log.info("exported the public pages to %s", folder)

    return [Job("export-site", every(LOOK_SECONDS), export)]
