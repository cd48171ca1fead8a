"""The console's own listener, beside the public one in the same process. Start at `listening`."""

import ipaddress
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from fenhe_client.fetching.listening import listen, make_runner
from fenhe_node.config import split_listen
from fenhe_node.console import passwords
from fenhe_node.console.app import make_app
from fenhe_node.console.asking import Console
from fenhe_node.console.attempts import Attempts
from fenhe_node.console.frame import console_templates
from fenhe_node.console.sessions import Sessions
from fenhe_node.importing import own_copy
from fenhe_node.node import Node
from fenhe_node.pages.tables import code_tables
from fenhe_node.runs import Run
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet

log = logging.getLogger("fenhe.node")
ADVICE = "先运行 fenhe-node --home DIR password; run password first"


def make_console(
    node: Node,
    runs: Callable[[], Mapping[str, Run]],
    now: Callable[[], int],
    *,
    loopback: bool = True,
) -> Console:
    """Put together what the pages share; `runs` tells how the periodic jobs fare."""
    return Console(
        node=node,
        now=now,
        runs=runs,
        schemas=SchemaSet.load(),
        tables=code_tables(),
        templates=console_templates(node.config.utc_offset_minutes),
        sessions=Sessions(),
        attempts=Attempts(),
        loopback=loopback,
    )


@asynccontextmanager
async def listening(
    node: Node,
    address: str,
    runs: Callable[[], Mapping[str, Run]],
    now: Callable[[], int],
) -> AsyncIterator[str]:
    """Answer at `address` for as long as this lasts; gives where, "" where the console is off.

    SetupError `console.password` where others could come and nobody has to sign in. A port that is
    taken stops nothing: what the unit published must be served all the same.
    """
    own_copy.empty(node.home.path)
    if not address:
        yield ""
        return
    host, port = split_listen(address)
    loopback = is_loopback(host)
    if not loopback and not passwords.accounts(node.home):
        raise SetupError("console.password", where="console", found=address, advice=ADVICE)
    runner = make_runner(make_app(make_console(node, runs, now, loopback=loopback)))
    await runner.setup()
    try:
        yield await _listen(runner, host, port)
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> str:
    try:
        await listen(runner, host, port)
    except SetupError as error:
        log.error("console: %s", error)
        return ""
    found = runner.addresses[0]
    shown = f"[{found[0]}]" if ":" in found[0] else found[0]
    return f"http://{shown}:{found[1]}/"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
