"""`check`, `preview`, `delete`: the unit's records before they are published."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fenhe_node.check import check
from fenhe_node.deletion import delete
from fenhe_node.hubs.schema_versions import advice_on, kept
from fenhe_node.importing.annotation import annotate
from fenhe_node.mapping.model import DELETE_REASONS
from fenhe_node.node import open_node
from fenhe_node.operations.gateway import NO_GATEWAY
from fenhe_node.operations.options import KINDS_HELP, Commands, add_command, now, who
from fenhe_node.preview import Preview, Shown, preview
from fenhe_node.report import Exit, Report
from fenhe_node.store import Store, taken
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet

_REASONS = dict(zip(("误报", "报废", "调拨", "涉密", "其他"), DELETE_REASONS, strict=True))


def add_commands(commands: Commands) -> None:
    """Add the three."""
    checking = add_command(commands, "check", "检查 name every problem with its place", run_check)
    checking.add_argument(
        "--annotate", type=Path, metavar="DIR", help="写出标注了问题的表格 mark the wrong cells"
    )
    showing = add_command(commands, "preview", "预览 what becomes public, what not", run_preview)
    showing.add_argument("id", nargs="?", metavar="ID", help="编号; 不填为全部 all if absent")
    deleting = add_command(commands, "delete", "删除一条记录 delete a record", run_delete)
    deleting.add_argument("id", metavar="ID", help="编号 its id")
    deleting.add_argument(
        "--reason",
        required=True,
        choices=DELETE_REASONS,
        type=lambda text: _REASONS.get(text, text),
        help=f"原因 why: {', '.join(f'{zh} {code}' for zh, code in _REASONS.items())}",
    )
    deleting.add_argument("--kind", default="instrument", metavar="KIND", help=KINDS_HELP)


def run_check(options: argparse.Namespace) -> Report:
    """Judge everything that is staged and stored."""
    node = open_node(options.home)
    schemas = SchemaSet.load()
    with Store.open(node.home.store) as store:
        found = check(store, schemas=schemas, unit=node.root.unit)
        marked = annotate(store, options.annotate) if options.annotate else ()
        told = [(hub, kept(each, schemas)) for hub, each in taken.every(store)]
    lines = [problem.line() for problem in found.problems]
    lines += [f"已标注 marked: {file}" for file in marked]
    lines.append(f"可发布 publishable {found.publishable}, 退回 refused {found.refused}")
    lines += [f"{hub}: {advice}" for hub, each in told for advice in advice_on(each)]
    facts = {
        "publishable": found.publishable,
        "refused": found.refused,
        "problems": [problem.facts() for problem in found.problems],
        "annotated": [str(file) for file in marked],
    }
    return Report("\n".join(lines), facts, Exit.REFUSED if found.blocking else Exit.DONE)


def run_preview(options: argparse.Namespace) -> Report:
    """Show, for each record, who will see what."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        shown = preview(store, options.id, schemas=SchemaSet.load())
    if options.id and not shown:
        raise InputError("record.absent", where=options.id)
    text = "\n\n".join("\n".join(preview_lines(each)) for each in shown)
    return Report(text or "还没有记录; no records yet", {"records": [_facts(x) for x in shown]})


def run_delete(options: argparse.Namespace) -> Report:
    """Delete a record; the next publish says so in every tier in which it stands."""
    node = open_node(options.home)
    with Store.open(node.home.store) as store:
        delete(
            store,
            options.kind,
            options.id,
            options.reason,
            schemas=SchemaSet.load(),
            now=now(),
            by=who(),
        )
    facts = {"kind": options.kind, "id": options.id, "reason": options.reason}
    text = f"已删除, 下次发布生效; deleted with the next publish: {options.kind} {options.id}"
    return Report(text, facts)


def preview_lines(shown: Preview) -> Iterator[str]:
    """Who will see what of one record, for people."""
    yield f"{shown.kind} {shown.id}"
    yield from _part("公开 public", shown.public)
    yield from _part("只给省平台 only for the hub", shown.hub_only)
    yield from _part("密封给国家平台, 省平台打不开 sealed, even to the hub", shown.sealed)
    yield from _part("留在单位 stays here", shown.stays)
    if shown.could_seal:
        yield f"  {NO_GATEWAY}"


def _part(title: str, fields: Sequence[Shown]) -> Iterator[str]:
    if fields:
        yield f"  {title}"
        yield from (f"    {field.title_zh} {field.field}: {field.words}" for field in fields)


def _facts(shown: Preview) -> dict[str, Any]:
    def values(fields: Sequence[Shown]) -> dict[str, Any]:
        return {field.field: field.value for field in fields}

    return {
        "kind": shown.kind,
        "id": shown.id,
        "public": values(shown.public),
        "hub_only": values(shown.hub_only),
        "sealed": values(shown.sealed),
        "stays": values(shown.stays),
        "could_seal": shown.could_seal,
    }
