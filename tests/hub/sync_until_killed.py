"""Syncs the home given, round after round, until it is killed."""

import asyncio
from dataclasses import replace
from pathlib import Path

from fenhe_hub.hub import open_hub
from fenhe_hub.visiting.workshop import sync_once


def main(home: Path) -> None:
    """Never returns."""
    asyncio.run(_sync(home))


async def _sync(home: Path) -> None:
    hub = open_hub(home)
    hub = replace(hub, config=replace(hub.config, publish_seconds=0, advise_seconds=0))
    print("ready", flush=True)
    while True:
        await sync_once(hub)
        print("round", flush=True)
