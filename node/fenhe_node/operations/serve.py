"""`serve`: the feed with its access rule, the unit's pages, heartbeats and scheduled publishing."""

import argparse
import asyncio
import time
from functools import partial
from pathlib import Path

from fenhe_client.log_lines import write_logs
from fenhe_node.chores import chores
from fenhe_node.config import split_listen
from fenhe_node.console.listening import listening
from fenhe_node.erasing.for_good import finish
from fenhe_node.home import serving
from fenhe_node.hosting.homes import homes_in
from fenhe_node.hosting.host import host
from fenhe_node.jobs import Jobs
from fenhe_node.node import Node, open_node
from fenhe_node.operations.homes import HELP
from fenhe_node.operations.options import Commands, add_command, complain, now
from fenhe_node.publishing.publish import Pen, recover
from fenhe_node.report import Report
from fenhe_node.soap.listening import taking_calls
from fenhe_node.web.server import make_serving, serve
from fenhe_node.web.site_jobs import site_jobs
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet

LISTEN = "127.0.0.1:8640"  # of several homes, whatever the settings of each say


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "serve", "对外服务 serve the feed and the pages", run_serve)
    command.add_argument("--listen", metavar="HOST:PORT", help="监听地址 (config: listen)")
    command.add_argument(
        "--console", metavar="HOST:PORT", help='管理台地址, ""不开 (config: console)'
    )
    command.add_argument("--homes", type=Path, metavar="DIR", help=HELP)


def run_serve(options: argparse.Namespace) -> Report:
    """Serve until told to stop."""
    if options.homes:
        return _run_host(options)
    node = open_node(options.home)
    write_logs(node.config.log_form)
    pen = node.pen(now, time.sleep, lambda what, done, total: None)
    with serving(node.home):
        # Whatever a killed publish left is put right before anything is shown.
        recover(pen)
        finish(pen, SchemaSet.load())
        console = node.config.console if options.console is None else options.console
        _address(console, "--console")
        listen = _address(options.listen or node.config.listen, "--listen")
        asyncio.run(_serve(node, pen, listen, console))
    return Report("已停止 stopped", {"stopped": True})


def _run_host(options: argparse.Namespace) -> Report:
    """Serve every home of a folder; each has the console that its own settings name."""
    homes_in(options.homes)
    write_logs("text")
    listen = _address(options.listen or LISTEN, "--listen")
    if listen is not None:
        asyncio.run(host(options.homes, listen, now, partial(_started, "", "")))
    return Report("已停止 stopped", {"stopped": True})


async def _serve(node: Node, pen: Pen, listen: tuple[str, int] | None, console: str) -> None:
    jobs = Jobs(node.home.runs, [*chores(node, pen), *site_jobs(node, now)], now)
    async with (
        listening(node, console, lambda: jobs.runs, now) as where,
        taking_calls(node, now) as intake,
    ):
        started = partial(_started, where, intake)
        await serve(make_serving(node, lambda: jobs.runs, now), jobs, listen, started)


def _started(console: str, intake: str, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    served = f"正在服务 serving http://{shown}:{port}/"
    complain(served if host else "不监听, 只推送; nothing listens here, all is pushed")
    if console:
        complain(f"管理台 console {console}")
    if intake:
        complain(f"单位系统报送 instruInfo {intake}")


def _address(text: str, key: str) -> tuple[str, int] | None:
    try:
        return split_listen(text, key) if text else None
    except ValueError as error:
        raise SetupError("setup.value", where=key, found=str(error)) from error
