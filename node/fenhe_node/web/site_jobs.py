"""What a serving node does for its pages by itself: their files, again after each publish."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from fenhe_node.jobs import Job, every
from fenhe_node.node import Node
from fenhe_node.web.server import make_serving
from fenhe_node.web.static_site import refresh_site

log = logging.getLogger("fenhe.node")

LOOK_SECONDS = 60


def site_jobs(node: Node, now: Callable[[], int]) -> list[Job]:
    """One job, where the settings name a folder."""
    folder = node.config.site.export_to
    if not folder:
        return []

    async def export() -> None:
        serving = await asyncio.to_thread(make_serving, node, dict, now)
        if await asyncio.to_thread(refresh_site, serving, Path(folder)):
            log.info("exported the public pages to %s", folder)

    return [Job("export-site", every(LOOK_SECONDS), export)]
