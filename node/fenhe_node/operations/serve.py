"""`serve`: the feed with its access rule, the unit's pages, heartbeats and scheduled publishing."""

import argparse
import asyncio
import time

from fenhe_client.log_lines import write_logs
from fenhe_node.chores import chores
from fenhe_node.config import split_listen
from fenhe_node.erasing.for_good import finish
from fenhe_node.home import serving
from fenhe_node.jobs import Jobs
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import Commands, add_command, complain, now
from fenhe_node.publishing.publish import Pen, recover
from fenhe_node.report import Report
from fenhe_node.web.server import make_serving, serve
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "serve", "对外服务 serve the feed and the pages", run_serve)
    command.add_argument("--listen", metavar="HOST:PORT", help="监听地址 (config: listen)")


def run_serve(options: argparse.Namespace) -> Report:
    """Serve until told to stop."""
    node = open_node(options.home)
    write_logs(node.config.log_form)
    pen = node.pen(now, time.sleep, lambda what, done, total: None)
    with serving(node.home):
        # Whatever a killed publish left is put right before anything is shown.
        recover(pen)
        finish(pen, SchemaSet.load())
        asyncio.run(_serve(node, pen, _address(options.listen or node.config.listen)))
    return Report("已停止 stopped", {"stopped": True})


async def _serve(node: Node, pen: Pen, listen: tuple[str, int] | None) -> None:
    jobs = Jobs(node.home.runs, chores(node, pen), now)
    await serve(make_serving(node, lambda: jobs.runs, now), jobs, listen, _started)


def _started(host: str, port: int) -> None:
    if not host:
        complain("不监听, 只推送; nothing listens here, all is pushed")
        return
    shown = f"[{host}]" if ":" in host else host
    complain(f"正在服务 serving http://{shown}:{port}/")


def _address(text: str) -> tuple[str, int] | None:
    try:
        return split_listen(text) if text else None
    except ValueError as error:
        raise SetupError("setup.value", where="--listen", found=str(error)) from error
