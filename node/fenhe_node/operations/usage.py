"""`summarise`: usage summaries of a period, computed from the unit's own service records."""

import argparse
from collections.abc import Iterator

from fenhe_node.node import open_node
from fenhe_node.operations.options import Commands, add_command, now, who
from fenhe_node.report import Report
from fenhe_node.store import Store
from fenhe_node.usage import KIND, UsageReport, summarise
from fenhe_protocol.schema import SchemaSet


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(
        commands, "summarise", "汇总使用情况 summarise usage from service records", run_summarise
    )
    command.add_argument("period", metavar="PERIOD", help="2026-Q3, 2026")
    command.add_argument(
        "--anyway",
        action="store_true",
        help="统计期未结束或有记录被退回也汇总 even if it has not ended or records were refused",
    )


def run_summarise(options: argparse.Namespace) -> Report:
    """Compute the summaries and keep what differs; `publish` sends them."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        done = summarise(
            store,
            options.period,
            schemas=SchemaSet.load(),
            unit=node.root.unit,
            now=now(),
            k=node.config.fewest_users,
            by=who(),
            anyway=options.anyway,
        )
    facts = {
        "period": done.period,
        "new": list(done.new),
        "changed": list(done.changed),
        "unchanged": list(done.unchanged),
        "nil": done.nil,
        "withheld": {id: list(cells) for id, cells in done.withheld.items()},
        "undated": list(done.undated),
    }
    return Report("\n".join(_lines(done)), facts)


def _lines(done: UsageReport) -> Iterator[str]:
    yield (
        f"{done.period}: 新 new {len(done.new)}, 变 changed {len(done.changed)}, "
        f"不变 unchanged {len(done.unchanged)}, 零报告 nil {done.nil}"
    )
    kind = SchemaSet.load().kind(KIND)
    for id, cells in done.withheld.items():
        titles = "、".join(kind.field(cell).title_zh for cell in cells)
        yield f"不公布 withheld, 用户太少 too few users: {id}: {titles}"
    if done.undated:
        yield f"没有时间, 未计入 without a time, not counted: {', '.join(done.undated)}"
