"""`import`: a unit's file into the record store, with everything said that was not taken."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fenhe_node.fates import ColumnFate
from fenhe_node.importing.file import ImportReport, import_file
from fenhe_node.node import open_node
from fenhe_node.operations.options import KINDS_HELP, Commands, add_command, now, who
from fenhe_node.report import Exit, Report
from fenhe_node.store import Store
from fenhe_protocol.schema import SchemaSet

SHOWN = 50  # problems on a screen; --json has all


def add_commands(commands: Commands) -> None:
    """Add it."""
    command = add_command(commands, "import", "导入 take in a file", run_import)
    command.add_argument("file", type=Path, metavar="FILE", help="xls, xlsx, ods, csv, tsv")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="列对应表 the mapping (YAML)")
    command.add_argument("--kind", metavar="KIND", help=KINDS_HELP)
    command.add_argument(
        "--save-mapping", type=Path, metavar="FILE", help="保存所用的列对应表 keep the mapping used"
    )


def run_import(options: argparse.Namespace) -> Report:
    """Take in what is right, name what is not."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        done = import_file(
            store,
            options.file,
            schemas=SchemaSet.load(),
            unit=node.root.unit,
            now=now(),
            mapping_path=options.mapping,
            kind=options.kind,
            by=who(),
        )
    if options.save_mapping:
        options.save_mapping.write_text(done.mapping_text, encoding="utf-8")
    return Report("\n".join(import_lines(done)), _facts(done), _exit(done))


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


def _facts(done: ImportReport) -> dict[str, Any]:
    return {
        "number": done.number,
        "file": done.file,
        "sha256": done.sha256,
        "kind": done.kind,
        "rows": done.rows,
        "staged": done.staged,
        "refused": done.refused,
        "skipped": len(done.skipped),
        "new": list(done.new),
        "changed": list(done.changed),
        "unchanged": list(done.unchanged),
        "held": list(done.held),
        "vanished": list(done.vanished),
        "deleted": list(done.deleted),
        "problems": [problem.facts() for problem in done.problems],
        "columns": [
            {
                "column": c.column,
                "header": c.header,
                "tier": c.tier,
                "sent": c.sent,
                "why": c.why,
            }
            for c in done.columns
        ],
        "notes": list(done.notes),
    }
