"""`import`: a unit's file into the record store, with everything said that was not taken."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fenhe_client.sheets.watching import unwatched
from fenhe_node.collecting.collect import collect
from fenhe_node.fates import ColumnFate
from fenhe_node.importing.choosing import Chosen
from fenhe_node.importing.facts import import_facts, import_facts_of
from fenhe_node.importing.file import ImportReport
from fenhe_node.importing.sheets_chosen import Wish, choose_sheets
from fenhe_node.importing.workbook import To, import_chosen, look_at_all
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import KINDS_HELP, Commands, add_command, now, progress, who
from fenhe_node.report import Exit, Report
from fenhe_node.store import Store
from fenhe_protocol.errors import SetupError
from fenhe_protocol.schema import SchemaSet

SHOWN = 50  # problems on a screen; --json has all


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "import", "导入 take in a file", run_import)
    command.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="xls, xlsx, ods, csv, tsv"
    )
    command.add_argument(
        "--from", dest="source", metavar="NAME", help="从配置的来源取 from a source of config.yaml"
    )
    command.add_argument(
        "--everything",
        action="store_true",
        help="与 --from 同用: 不只取新的 with --from: not only what is new",
    )
    command.add_argument("--mapping", type=Path, metavar="FILE", help="列对应表 the mapping (YAML)")
    command.add_argument("--kind", metavar="KIND", help=KINDS_HELP)
    command.add_argument(
        "--list", default="", metavar="NAME", help="是哪份清单的新版 the list it is an edition of"
    )
    command.add_argument(
        "--sheet",
        action="append",
        default=[],
        metavar="NAME[=KIND]",
        help="只读这张工作表, 可多次; 缺省: 认得出的都读 only this sheet; may be repeated",
    )
    command.add_argument(
        "--look", action="store_true", help="只看, 不收下 say what it would do, and do nothing"
    )
    command.add_argument(
        "--save-mapping", type=Path, metavar="FILE", help="保存所用的列对应表 keep the mapping used"
    )


def run_import(options: argparse.Namespace) -> Report:
    """Take in what is right, name what is not."""
    node = open_node(options.home)
    if (options.file is None) == (options.source is None):
        raise SetupError("setup.value", where="import", expected="FILE 或 or --from NAME")
    if options.source is not None:
        return _collected(node, options.source, options.everything)
    with Store.open(node.home.store) as store:
        reports = _taken(store, node, options)
    if options.save_mapping:
        options.save_mapping.write_text(reports[0].mapping_text, encoding="utf-8")
    lines = [line for done in reports for line in import_lines(done)]
    if len(reports) > 1:
        lines.append(_in_all(reports))
    if options.look:
        lines.append("只看, 没有收下 nothing was taken in")
    return Report("\n".join(lines), import_facts_of(reports), _worst(map(_exit, reports)))


def _taken(store: Store, node: Node, options: argparse.Namespace) -> tuple[ImportReport, ...]:
    """What taking the file in comes to, or with --look would."""
    shown = progress if sys.stderr.isatty() else unwatched
    to = To(SchemaSet.load(), node.root.unit, now(), who(), shown)
    chosen = choose_sheets(store, options.file, to.schemas, _wish(options), to.progress)
    if options.save_mapping:
        _check_one(chosen)
    takings = [to.taking(each) for each in chosen]
    if options.look:
        return tuple(look.report for look in look_at_all(store, chosen, takings))
    return import_chosen(store, chosen, takings)


def _wish(options: argparse.Namespace) -> Wish:
    return Wish(options.mapping, options.kind, options.list, tuple(options.sheet))


def _check_one(chosen: Sequence[Chosen]) -> None:
    """SetupError where there is more than one mapping to save."""
    if len(chosen) > 1:
        raise SetupError(
            "setup.value",
            where="--save-mapping",
            expected="只有一张清单的文件, 或 --sheet 指明 one list: name it with --sheet",
            found="、".join(each.mapping.sheet for each in chosen),
        )


def _in_all(reports: Sequence[ImportReport]) -> str:
    staged, refused = (sum(getattr(r, name) for r in reports) for name in ("staged", "refused"))
    return f"共 {len(reports)} 张工作表 sheets: 收下 taken {staged}, 退回 refused {refused}"


def _collected(node: Node, name: str, everything: bool) -> Report:
    """Collect from a named source; its report is that of each file or table that came."""
    done = asyncio.run(collect(node, name, now, by=who(), everything=everything))
    lines = [line for report in done.reports for line in import_lines(report)]
    lines += [f"失败 failed: {error}" for error in done.failures]
    facts = {
        "source": name,
        "imports": [import_facts(report) for report in done.reports],
        "failed": [error.problem() for error in done.failures],
    }
    exits = [_exit(report) for report in done.reports] + [Exit.REFUSED for _ in done.failures]
    worst = _worst(exits)
    return Report("\n".join(lines) or "没有新的 nothing new", facts, worst)


def _worst(exits: Iterable[Exit]) -> Exit:
    found = set(exits)
    return found.pop() if len(found) == 1 else Exit.IN_PART if found else Exit.DONE


def _exit(done: ImportReport) -> Exit:
    if not done.refused:
        return Exit.DONE
    return Exit.IN_PART if done.staged else Exit.REFUSED


def import_lines(done: ImportReport) -> Iterator[str]:
    """What an import came to, for people."""
    title = f"{SchemaSet.load().kind(done.kind).title_zh} {done.kind}"
    yield (
        f"{' · '.join(filter(None, (done.file, done.sheet, title)))}: {done.rows} 行 rows, "
        f"收下 taken {done.staged}, 退回 refused {done.refused}, 略过 skipped {len(done.skipped)}"
    )
    yield (
        f"新 new {len(done.new)}, 变 changed {len(done.changed)}, "
        f"不变 unchanged {len(done.unchanged)}, 不见了 vanished {len(done.vanished)}, "
        f"删除 deleted {len(done.deleted)}"
    )
    yield from (f"  {note}" for note in done.notes)
    yield from _kept(done.columns)
    for id in done.held:
        yield f"曾被删除, 保持删除 stays deleted as you said: {id}"
    for id in done.vanished:
        yield f"不见了 vanished: {id} (未删除; 删除用 delete; not deleted)"
    yield from (problem.line() for problem in done.problems[:SHOWN])
    if (more := len(done.problems) - SHOWN) > 0:
        yield f"… 还有 {more} 处 more: fenhe-node check"


def _kept(columns: Sequence[ColumnFate]) -> Iterator[str]:
    """Name the columns of which nothing is sent, those with the same reason on one line."""
    kept = [column for column in columns if not column.sent]
    if kept:
        yield "不外传的列 columns that stay here:"
    for why in dict.fromkeys(column.why for column in kept):
        named = (f"{c.column} {c.header}".strip() for c in kept if c.why == why)
        yield f"  {', '.join(' '.join(name.split()) for name in named)}: {why}"
