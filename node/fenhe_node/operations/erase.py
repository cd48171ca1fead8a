"""`erase`: take records, or leaves of a log, away for good, here at once and elsewhere by when."""

import argparse
import asyncio
from dataclasses import replace
from typing import Any

from fenhe_node.delivery import deliver
from fenhe_node.erasing.for_good import Erased, Wish, erase, finish
from fenhe_node.hubs.guard import refuse_if_behind
from fenhe_node.node import open_node
from fenhe_node.operations.options import (
    KINDS_HELP,
    Commands,
    add_command,
    now,
    progress,
    wait,
    who,
)
from fenhe_node.publishing.heads import LOGS
from fenhe_node.publishing.publish import recover
from fenhe_node.report import Report
from fenhe_node.store import Store, erased
from fenhe_protocol.errors import InputError
from fenhe_protocol.leaf import REASONS, TIERS
from fenhe_protocol.schema import SchemaSet

OTHERS = (
    "省平台和它的镜像: 读到后 24 小时内删除; 已取走数据的用户: 72 小时内; "
    "the hub and its mirrors erase within 24 hours of reading this, consumers within 72",
    "仍须您自己处理: 备份 (到期销毁)、Excel 原表; "
    "still yours to see to: backups (until they expire) and the lists you import",
)


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "erase", "彻底删除 erase for good", run_erase)
    command.add_argument("id", nargs="*", metavar="ID", help="编号 ids of records")
    command.add_argument("--kind", default="instrument", metavar="KIND", help=KINDS_HELP)
    command.add_argument(
        "--tier", nargs="+", choices=TIERS, metavar="TIER", help="只这些级别 only these (all)"
    )
    command.add_argument("--reason", choices=REASONS, help="原因 why")
    command.add_argument(
        "--former",
        action="store_true",
        help="只删除从前的内容, 现在的保留 only former states; the present one goes on",
    )
    command.add_argument("--log", default=LOGS[0], metavar="LOG", help="日志 with --from and --to")
    command.add_argument("--from", type=int, dest="start", metavar="INDEX", help="第一条 the first")
    command.add_argument("--to", type=int, dest="stop", metavar="INDEX", help="末条之后 after it")
    command.add_argument(
        "--readmit",
        action="store_true",
        help="允许再次导入已彻底删除的记录 let imports bring these records back",
    )


def run_erase(options: argparse.Namespace) -> Report:
    """Erase, and say what is gone and what others have to do by when."""
    node = open_node(options.home)
    if options.readmit:
        return _readmit(options, node.home.store)
    wish = _wish(options)
    pen = node.pen(now, wait, progress)
    recover(pen)  # what a kill left of an erasure before this one goes, whatever becomes of this
    asyncio.run(refuse_if_behind(node, now))
    finished = [done for order, done in finish(pen, SchemaSet.load()) if _is_same(order, wish)]
    # The same order again, after a kill: to carry it out twice would take the successor too.
    done = finished[0] if finished else erase(pen, SchemaSet.load(), wish, by=who())
    asyncio.run(deliver(node, done.sizes, now, progress, wait=False))
    return Report(_text(done), _facts(done, wish))


def _is_same(order: Wish, wish: Wish) -> bool:
    return order == replace(wish, former=order.former)


def _wish(options: argparse.Namespace) -> Wish:
    if options.reason is None:
        raise InputError("erase.reason", where="--reason", expected=", ".join(REASONS))
    ranged = options.start is not None and options.stop is not None
    if bool(options.id) == ranged or (options.start is None) != (options.stop is None):
        raise InputError("erase.what", expected="ID… | --from INDEX --to INDEX")
    tiers = tuple(sorted(set(options.tier))) if options.tier else None
    if ranged:
        span = (options.start, options.stop)
        return Wish(options.reason, tiers=tiers, log=options.log, span=span, former=options.former)
    return Wish(options.reason, options.kind, tuple(options.id), tiers, options.former)


def _readmit(options: argparse.Namespace, file: Any) -> Report:
    with Store.open(file) as store:
        back = [id_ for id_ in options.id if erased.readmit(store, options.kind, id_)]
    if not back:
        raise InputError("erase.absent", where=" ".join(options.id))
    text = f"可再次导入; an import may bring them back: {options.kind} {', '.join(back)}"
    return Report(text, {"kind": options.kind, "readmitted": back})


def _text(done: Erased) -> str:
    lines = [
        f"已彻底删除 erased {log}: {', '.join(f'[{a}, {b})' for a, b in ranges)}"
        for log, ranges in done.ranges.items()
    ]
    if done.successors:
        lines.append(f"先已发布后继 successors published before: {done.successors}")
    lines.append("本机的正文文件和数据库里已没有这些内容; gone from our body files and database")
    return "\n".join([*lines, *OTHERS])


def _facts(done: Erased, wish: Wish) -> dict[str, Any]:
    return {
        "erased": {log: [list(each) for each in ranges] for log, ranges in done.ranges.items()},
        "tiers": list(wish.tiers or TIERS),
        "reason": wish.reason,
        "successors": done.successors,
        "sizes": dict(done.sizes),
        "hours": {"hub": 24, "consumers": 72},
    }
