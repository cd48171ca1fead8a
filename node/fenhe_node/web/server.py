"""One server: the application on a socket and the periodic jobs beside it, until told to stop."""

import asyncio
import signal
from collections.abc import Callable, Mapping

from aiohttp import web

from fenhe_client.fetching.listening import listen as listen_at
from fenhe_client.fetching.listening import make_runner
from fenhe_client.strangers import Strangers
from fenhe_node.hubs.trust import ReaderKeys
from fenhe_node.jobs import Jobs
from fenhe_node.node import Node
from fenhe_node.pages.tables import code_tables
from fenhe_node.runs import Run
from fenhe_node.web.app import load_templates, make_app
from fenhe_node.web.looks import load_looks
from fenhe_node.web.metrics import NodeMetrics
from fenhe_node.web.serving import Serving
from fenhe_node.web.shelf import Shelf
from fenhe_protocol.request import RequestVerifier
from fenhe_protocol.schema import SchemaSet

Started = Callable[[str, int], None]  # host and port on which it listens


def make_serving(
    node: Node, runs: Callable[[], Mapping[str, Run]], now: Callable[[], int]
) -> Serving:
    """Put together what the handlers share; `runs` tells how the periodic jobs fare."""
    schemas = SchemaSet.load()
    readers = ReaderKeys(node.home)
    return Serving(
        home=node.home,
        config=node.config,
        fingerprint=node.fingerprint,
        now=now,
        readers=readers,
        verifier=RequestVerifier(readers),
        shelf=Shelf(node.home.public),
        schemas={kind: schemas.kind(kind).schema for kind in schemas.kinds},
        tables=code_tables(),
        templates=load_templates(),
        metrics=NodeMetrics(),
        runs=runs,
        looks=load_looks(node.home.path, node.config.site),
        strangers=Strangers(node.config.orders.most_a_day_each),
        former=node.former,
    )


async def serve(
    serving: Serving, jobs: Jobs, listen: tuple[str, int] | None, started: Started
) -> None:
    """Serve until SIGTERM or SIGINT; `started` is called once the socket is open.

    Where nothing listens only the jobs run, and `started` is told no host.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = make_runner(make_app(serving), decodes=True)
    await runner.setup()
    try:
        started(*(await _listen(runner, *listen) if listen else ("", 0)))
        working = asyncio.create_task(jobs.run())
        await _first_of(stop, working)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> tuple[str, int]:
    """Begin to answer there; where that is, a port of 0 made out."""
    await listen_at(runner, host, port)
    found = runner.addresses[0]
    return found[0], found[1]


async def _first_of(stop: asyncio.Event, working: "asyncio.Task[None]") -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, working}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, working):
        task.cancel()
    results = await asyncio.gather(stopping, working, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
