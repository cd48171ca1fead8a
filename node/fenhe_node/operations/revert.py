"""`revert`: the last publish taken back, by another one."""

import argparse
import asyncio

from fenhe_node.hubs.guard import refuse_if_behind
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import Commands, add_command, now, progress, wait, who
from fenhe_node.pages.site import clock
from fenhe_node.report import Exit, Report
from fenhe_node.reverting import SAID, Revert, make_hand, plan_revert, revert
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet

SHOWN = 20


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "revert", "撤回上次发布 take the last publish back", run_revert)
    command.add_argument(
        "--dry-run", action="store_true", help="只看不做 only show what it would do"
    )
    command.add_argument("--reason", default="", metavar="TEXT", help="原因, 记入历史 why")


def run_revert(options: argparse.Namespace) -> Report:
    """Publish the states of before the last publish; the logs only grow."""
    node = open_node(options.home)
    pen = node.pen(now, wait, progress)
    hand = make_hand(pen, SchemaSet.load(), who(), options.reason)
    with Store.open(node.home.store) as store:
        planned = plan_revert(node.home, store, hand)
    if options.dry_run:
        return _report(node, planned, 0, Exit.DONE)
    asyncio.run(refuse_if_behind(node, now))
    planned, done = revert(pen, hand, planned.run.number)
    left = len(planned.done) < len(planned.steps) or done.refused
    return _report(node, planned, sum(done.leaves.values()), Exit.IN_PART if left else Exit.DONE)


def _report(node: Node, planned: Revert, leaves: int, code: Exit) -> Report:
    at = clock(planned.run.at, node.config.utc_offset_minutes)
    lines = [f"{at} 的发布 the publish of then: {planned.run.leaves} 条 leaves"]
    lines += [f"{step.kind} {step.id}: {SAID[step.what]}" for step in planned.steps[:SHOWN]]
    if len(planned.steps) > SHOWN:
        lines.append(f"… 共 {len(planned.steps)} 条; in all")
    if leaves:
        lines.append(f"已撤回, 新发布 {leaves} 条; taken back by {leaves} new leaves")
    steps = [{"kind": s.kind, "id": s.id, "what": s.what} for s in planned.steps]
    return Report(
        "\n".join(lines), {"run": planned.run.number, "steps": steps, "leaves": leaves}, code
    )
