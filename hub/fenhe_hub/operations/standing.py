"""`suspend`, `resume`, `move`, `retire`, `look`: what changes after enrolment (feed §10)."""

import argparse
import asyncio
from collections.abc import Callable

from fenhe_hub.desk.standing import change_standing, known_here, look_now
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.index.read import Unit, units
from fenhe_hub.index.tables import open_index
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.operations.options import Commands, add_command
from fenhe_hub.registry.enrolled import Enrolment
from fenhe_hub.report import pairs, show
from fenhe_hub.visiting.workshop import publish_owed, system_clock
from fenhe_hub.witnessing.before_signing import refuse_if_behind

IN_PART = 4
_NAMES = {
    "suspended": "已暂停 suspended",
    "enrolled": "已恢复 resumed",
    "moved": "已迁走 moved",
    "retired": "已退出 retired",
}


def add_commands(commands: Commands) -> None:
    """The five."""
    _add(commands, "suspend", "暂停展示一个单位 suspend a unit", "suspended")
    _add(commands, "resume", "恢复一个单位 take a unit back", "enrolled")
    _add(commands, "move", "单位改由别处发布 it is published elsewhere", "moved", successors=True)
    _add(commands, "retire", "单位退出 a unit publishes no more", "retired", successors=True)
    look = add_command(
        commands, "look", "立即读取单位的新根文档 read its next root document", _look
    )
    look.add_argument("origin", metavar="ORIGIN", help="单位的名称 the unit's origin")


def _add(commands: Commands, name: str, text: str, state: str, *, successors: bool = False) -> None:
    command = add_command(commands, name, text, _run(state))
    command.add_argument("origin", metavar="ORIGIN", help="单位的名称 the unit's origin")
    command.add_argument(
        "--reason", required=True, metavar="TEXT", help="原因，会公布 why; it is published"
    )
    command.set_defaults(to=[])
    if successors:
        command.add_argument(
            "--to",
            action="append",
            metavar="ORIGIN",
            help="由谁接替，可多个 who stands for it now, maybe several",
        )


def _run(state: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        hub = open_hub(options.home)
        asyncio.run(refuse_if_behind(hub))
        office = Office(hub, system_clock)
        unit = change_standing(
            office, THE_HUB, options.origin, state, options.reason, options.to or ()
        )
        asyncio.run(publish_owed(hub, origins=_logs_of(hub, unit)))
        value = {"origin": unit.origin, "state": unit.state, **unit.remarks}
        told = {
            "名称 origin": unit.origin,
            "状态 state": _NAMES[state],
            "原因 reason": unit.reason,
            "接替 successors": ", ".join(unit.successors) or "—",
        }
        show(value, pairs(told), as_json=options.json)
        return 0

    return run


def _logs_of(hub: Hub, unit: Enrolment) -> list[str]:
    db = open_index(hub.home.index)
    try:
        found = (each for each in units(db).values() if each.origin == unit.origin)
        row: Unit | None = next(found, None)
        return [log.origin for log in row.logs if log.size] if row else []
    finally:
        db.close()


def _look(options: argparse.Namespace) -> int:
    hub = open_hub(options.home)
    unit = known_here(hub, options.origin)
    read = asyncio.run(look_now(Office(hub, system_clock), THE_HUB, unit.origin))
    value = {
        "origin": unit.origin,
        "n": read.document.n,
        "added": [each.n for each in read.added],
        "refused": read.refused.problem() if read.refused else None,
    }
    told = {
        "名称 origin": unit.origin,
        "根文档 root document": read.document.n,
        "新增 new": ", ".join(str(each.n) for each in read.added) or "—",
        "网址 address": read.document.url,
    }
    if read.refused is not None:
        told["下一份不可信 the next one"] = str(read.refused)
    show(value, pairs(told), as_json=options.json)
    return IN_PART if read.refused is not None else 0
