"""Syncs the home given, round after round, until it is killed."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from fenhe_hub.hub import open_hub
from fenhe_hub.workshop import sync_once


async def main(home: Path) -> None:
    """Never returns."""
    hub = open_hub(home)
    hub = replace(hub, config=replace(hub.config, publish_seconds=0, advise_seconds=0))
    print("ready", flush=True)
    while True:
        await sync_once(hub)
        print("round", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
