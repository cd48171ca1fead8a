"""`sources`: the named sources, how their last run went, when the next is due."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from fenhe_node.collecting.overview import Standing, overview
from fenhe_node.collecting.script_token import new_token
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import Commands, add_command, now
from fenhe_node.pages.site import clock
from fenhe_node.report import Report
from fenhe_node.runs import read_runs
from fenhe_node.store import Store


def add_commands(commands: Commands) -> None:
    """Add it."""
    text = "自动取数的来源 sources that lists come from by themselves"
    command = add_command(commands, "sources", text, run_sources)
    command.add_argument(
        "--new-token",
        action="store_true",
        help="为脚本导入换一个令牌, 只显示这一次 a new token for scripts, shown this once",
    )


def run_sources(options: argparse.Namespace) -> Report:
    """List them."""
    node = open_node(options.home)
    if options.new_token:
        token = new_token(node.home.path)
        return Report(f"{token}\n旧令牌已失效; the former one is worth nothing", {"token": token})
    stand = sources_of(node)
    facts = {"sources": [asdict(each) for each in stand]}
    lines = list(source_lines(stand, node.config.utc_offset_minutes))
    return Report("\n".join(lines) or "没有来源: 在 config.yaml 里写 sources; none", facts)


def sources_of(node: Node) -> list[Standing]:
    """How the sources of a node stand."""
    with Store.open(node.home.store) as store:
        return overview(store, node.config.sources, read_runs(node.home.runs), now())


def source_lines(stand: Sequence[Standing], offset: int) -> Iterator[str]:
    """Two lines for each source: what it is and its last run; what went wrong."""
    for each in stand:
        late = "  错过 missed" if each.missed else ""
        yield f"来源 source {each.name} ({each.kind} {each.place}): {_next(each, offset)}{late}"
        if each.began:
            yield (
                f"  上次 last {_time(each.began, offset)}: {each.rows} 行 rows, "
                f"收下 taken {each.staged}, 退回 refused {each.refused}"
            )
        if each.failed:
            yield f"  失败 failed: {each.failed}"


def _next(each: Standing, offset: int) -> str:
    if each.next:
        return f"下次 next {_time(each.next, offset)}"
    if each.when or each.kind == "folder":
        return "启动 serve 后开始 begins when serve does"
    return "只手动 by hand only"


def _time(posix: int, offset: int) -> str:
    return clock(posix, offset) if posix else "—"
