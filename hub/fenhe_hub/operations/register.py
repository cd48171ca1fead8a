"""`take-list`, `obliged`, `invite`: the office's registers from the terminal."""

import argparse
import time
from collections import Counter
from contextlib import closing
from datetime import date
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_hub.casework.obliged import (
    STAND_LABELS,
    Obliged,
    Stand,
    Standing,
    enrolled_codes,
    obliged_units,
    standing,
)
from fenhe_hub.console.invitations import printed
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.entered import day
from fenhe_hub.office.lists.reading import ListRead, by_place, read_list
from fenhe_hub.office.lists.taking import LISTS
from fenhe_hub.office.obliging import Listed, invite
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.report import show
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError
from fenhe_protocol.terminal import table

_PARTLY = 4


def add_commands(commands: Commands) -> None:
    """`take-list`, `obliged`, `invite`."""
    take = add_command(
        commands, "take-list", "导入清单 take a list in Excel into its register", _take
    )
    take.add_argument("list", choices=[*LISTS], help="哪一种清单 which kind of list")
    take.add_argument("file", type=Path, metavar="FILE", help=".xlsx .xls .ods .csv")
    take.add_argument(
        "--due-on", default="", metavar="DATE", help="没写期限的，统一期限 deadline of rows without"
    )
    take.add_argument(
        "--marked", type=Path, metavar="FILE", help="标注了问题的工作簿写到哪里 the marked copy"
    )
    take.add_argument("--dry-run", action="store_true", help="只看不收 look, and take nothing")
    listing = add_command(
        commands, "obliged", "应报单位和接入情况 obliged units and how they stand", _obliged
    )
    listing.add_argument("--state", choices=list(Stand), help="只看一种状态 of one state alone")
    asking = add_command(
        commands, "invite", "邀请单位，印邀请单 invite units and print their sheets", _invite
    )
    asking.add_argument("units", nargs="*", metavar="CODE", help="单位代码 codes of units")
    asking.add_argument(
        "--all", action="store_true", help="全部未邀请的 everyone who is listed and not invited"
    )
    asking.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="邀请单写到哪里 the page to print"
    )


def _take(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    office, taking = Office(hub, _clock), LISTS[options.list]
    due = day(options.due_on, "--due-on", optional=True)
    read = read_list(options.file, taking.form)
    if options.marked:
        replace_files(Disk(), {options.marked: read.marked()})
    done = Listed((), (), ())
    if not options.dry_run:
        done = taking.take(office, THE_HUB, read, due)
    value = {
        "rows": len(read.rows),
        "refused": read.refused,
        "left_out": len(read.left_out),
        "new": list(done.new),
        "changed": list(done.changed),
        "same": len(done.same),
        "problems": [problem.facts() for problem in by_place(read.problems)],
    }
    show(value, _told(read, done), as_json=options.json)
    return _PARTLY if read.problems else 0


def _told(read: ListRead, done: Listed) -> str:
    lines = [problem.line() for problem in by_place(read.problems)]
    lines += [f"{each.place}  {each.why_zh}; {each.why_en}" for each in read.left_out]
    counts = f"可收下 {len(read.rows)} 行, 退回 {read.refused} 行, 略过 {len(read.left_out)} 行; "
    counts += f"新增 {len(done.new)}, 改动 {len(done.changed)}, 不变 {len(done.same)}"
    return "\n".join([*lines, counts])


def _clock() -> int:
    return int(time.time())


def _standings(hub: Hub) -> list[tuple[Obliged, Standing]]:
    today = date.fromisoformat(date_at(_clock()))
    with closing(open_index(hub.home.index)) as index:
        enrolled = enrolled_codes(index)
    with Office(hub, _clock).casework() as casework:
        units = obliged_units(casework.db)
    return [(unit, standing(unit, enrolled.get(unit.uscc), today)) for unit in units]


def _obliged(options: argparse.Namespace) -> int:
    found = [
        pair
        for pair in _standings(open_hub(options.home))
        if options.state in (None, pair[1].state)
    ]
    rows = [
        [
            unit.uscc,
            unit.name,
            STAND_LABELS[stands.state][0],
            stands.since or "",
            stands.days_late or "",
            unit.due_on,
            unit.authority,
        ]
        for unit, stands in found
    ]
    heads = ["代码 code", "单位 unit", "状态 state", "自 since", "逾期 late", "期限 due", "部门"]
    counts = Counter(str(stands.state) for _, stands in found)
    names = ("uscc", "name", "state", "since", "days_late", "due_on", "authority")
    units = [dict(zip(names, map(str, row), strict=True)) for row in rows]
    text = table([heads, *rows]) if rows else "还没有清单: fenhe-hub take-list obliged FILE"
    show({"counts": dict(counts), "units": units}, text, as_json=options.json)
    return 0


def _invite(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    office, found = Office(hub, _clock), _standings(hub)
    wanted = set(options.units)
    if options.all:
        wanted |= {unit.uscc for unit, stands in found if stands.state is Stand.REGISTERED}
    units = [unit for unit, _ in found if unit.uscc in wanted]
    if not units or len(units) != len(wanted):
        unknown = ", ".join(sorted(wanted - {unit.uscc for unit in units}))
        raise InputError("register.value", where="CODE", expected="CODE, --all", found=unknown)
    done = invite(office, THE_HUB, [unit.uscc for unit in units])
    replace_files(Disk(), {options.out: printed(hub, units, _clock())})
    value = {"sheets": len(units), "invited": len(done), "file": str(options.out)}
    text = f"{options.out}: {len(units)} 张邀请单 sheets, 新邀请 newly invited {len(done)}"
    show(value, text, as_json=options.json)
    return 0
