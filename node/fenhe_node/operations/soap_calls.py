"""`soap-calls`: what laboratory systems reported by `instruInfo`, and what each was answered."""

import argparse
from typing import Any

from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command
from fenhe_node.report import Report
from fenhe_node.store import Store, calls
from fenhe_protocol.encoding import format_time
from fenhe_protocol.terminal import table

SHOWN = 20
_TOTALS = ("类型 type", "答复 code", "次数 calls")
_CALLS = ("第几次 call", "时间 at", "类型 type", "条数 records", "退回 refused", "答复 code", "")
_LONGEST = 80  # characters of a reason on a screen


def add_commands(commands: Commands) -> None:
    """Add it."""
    text = "单位系统按国家平台接口报来的 what came by instruInfo"
    command = add_command(commands, "soap-calls", text, run_soap_calls)
    command.add_argument("--last", type=int, default=SHOWN, metavar="N", help="几次 how many calls")


def run_soap_calls(options: argparse.Namespace) -> Report:
    """List the last calls, and all that are kept by type and answer."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        totals, last = calls.totals(store), calls.latest(store, max(0, options.last))
    facts: dict[str, Any] = {
        "totals": [{"type": t, "code": code, "calls": n} for t, code, n in totals],
        "calls": [vars(call) for call in last],
    }
    if not totals:
        return Report("还没有系统报来; nothing has come by instruInfo yet", facts)
    rows = [
        (c.number, format_time(c.at), c.type, c.records, c.refused, c.code, c.why[:_LONGEST])
        for c in last
    ]
    text = "\n\n".join((table([_TOTALS, *totals]), table([_CALLS, *rows])))
    return Report(f"{text}\n\n退回的记录 what was refused: fenhe-node check", facts)
