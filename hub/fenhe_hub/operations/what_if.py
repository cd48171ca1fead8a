"""What `check --rules FILE` says: the findings that another rule set would change."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.api.spreadsheet import Cell, write_spreadsheet
from fenhe_hub.hub import Hub
from fenhe_hub.judging.what_if import CHANGE_LABELS, Change, ChangeKind, WhatIf, what_if
from fenhe_hub.report import show
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.finding import STATE_LABELS, State
from fenhe_protocol.terminal import table

TITLES = (
    *("单位代码 unit", "单位 name", "规则 rule", "类别 kind", "编号 id", "变化 change"),
    *("现在 state now", "将来 state then", "现在期限 due now", "将来期限 due then"),
    *("现在可采取措施 measures now", "将来可采取措施 measures then"),
)
MOST_SHOWN = 20


def add_arguments(check: argparse.ArgumentParser) -> None:
    """`--rules` and `--xlsx`."""
    check.add_argument(
        "--rules",
        metavar="FILE",
        help="试用另一套规则，逐项比较，不写入 what another rule set would change; writes nothing",
    )
    check.add_argument(
        "--xlsx", metavar="FILE", help="比较结果存为表格 every change as a spreadsheet"
    )


def report_what_if(hub: Hub, options: argparse.Namespace) -> int:
    """Compare the set in force with the one of a file, and say what would change."""
    in_force, other = load_rules(hub.rules_file), load_rules(options.rules)
    found = what_if(hub, in_force, other, int(time.time()))
    if options.xlsx:
        replace_files(Disk(), {Path(options.xlsx).absolute(): spreadsheet(found)})
    show(as_json(found), "\n".join(lines(found)), as_json=options.json)
    return 0


def as_json(found: WhatIf) -> dict[str, Any]:
    """The whole comparison as one JSON value."""
    return {
        "rules": found.then.name,
        "rule_set_now": found.now.sha256,
        "rule_set_then": found.then.sha256,
        "units": found.units,
        "findings_now": found.counts_now,
        "findings": found.counts_then,
        "totals": found.totals(),
        "by_unit": found.by_unit(),
        "changes": [each.as_json() for each in found.changes],
    }


def spreadsheet(found: WhatIf) -> bytes:
    """Every change as a row of an .xlsx file, ids as text."""
    return write_spreadsheet("xlsx", TITLES, (_row(each) for each in found.changes))


def _row(each: Change) -> list[Cell]:
    return [
        each.uscc,
        each.unit,
        each.rule,
        each.kind,
        each.id,
        CHANGE_LABELS[each.change][0],
        _state(each.state_now),
        _state(each.state_then),
        str(each.due_now or ""),
        str(each.due_then or ""),
        "是" if each.leads_now else "",
        "是" if each.leads_then else "",
    ]


def _state(state: str) -> str:
    return STATE_LABELS[State(state)][0] if state else ""


def lines(found: WhatIf) -> Iterator[str]:
    """The totals, then the first changes."""
    yield f"{found.now.name} → {found.then.name}, {found.units} 个单位 units"
    if not found.changes:
        yield "没有任何变化 nothing would change"
        return
    yield table([_heads(), *_totals(found)])
    yield ""
    yield table([("单位 unit", "", "变化 changes"), *_units(found)])
    yield ""
    heads = ("认定 finding", "变化 change", "现在 now", "将来 then")
    yield table([heads, *map(_line, found.changes[:MOST_SHOWN])])
    if len(found.changes) > MOST_SHOWN:
        rest = len(found.changes) - MOST_SHOWN
        yield f"… 另有 {rest} 项：--xlsx FILE 或 --json; {rest} more"


def _heads() -> Sequence[str]:
    return ("规则 rule", *(" ".join(CHANGE_LABELS[kind]) for kind in ChangeKind))


def _totals(found: WhatIf) -> Iterator[Sequence[object]]:
    for rule, counts in found.totals().items():
        yield (rule, *(counts.get(kind.value, 0) for kind in ChangeKind))


def _units(found: WhatIf) -> Iterator[Sequence[object]]:
    names = {each.uscc: each.unit for each in found.changes}
    for uscc, number in islice(found.by_unit().items(), MOST_SHOWN):
        yield (uscc, names[uscc], number)


def _line(each: Change) -> Sequence[str]:
    now = " ".join(filter(None, (_state(each.state_now), str(each.due_now or ""))))
    then = " ".join(filter(None, (_state(each.state_then), str(each.due_then or ""))))
    return (each.finding, CHANGE_LABELS[each.change][0], now or "-", then or "-")
