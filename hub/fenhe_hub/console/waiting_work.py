"""What waits for somebody, counted: one line each with the list behind it. Start at `waiting`.

What lies outside an account's scope is counted for nobody; what is of the whole province, for
accounts of the province alone.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from fenhe_client.checking.result import last_result
from fenhe_hub.alerting.delivery import undelivered
from fenhe_hub.api.labels import source_label
from fenhe_hub.casework import (
    applications,
    complaints,
    course,
    exemptions,
    invitation_mails,
    objections,
    obliged,
    rule_proposals,
)
from fenhe_hub.casework.measures import MeasureFilters, measures
from fenhe_hub.console.asking import Console
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.index.read import units
from fenhe_hub.index.source import heard, last_visits
from fenhe_hub.office import complaining
from fenhe_hub.office.staff import Staff
from fenhe_hub.upstream.outbox import ItemState
from fenhe_protocol.encoding import date_at

SOON_DAYS = 7
_SILENT = ("quarantined", "refused", "stale", "never")
_STUCK = {
    ItemState.RETURNED: "被国家平台退回",
    ItemState.BLOCKED: "缺平台单位代码或数值不合理",
    ItemState.RETRY: "发送失败，待重试",
    ItemState.WAITING: "待审核",
}


class Level(IntEnum):
    """How much it presses."""

    NOW = 0
    SOON = 1
    KNOWN = 2


@dataclass(frozen=True, slots=True)
class Work:
    """One line; `path` is the list behind it, "" where there is none."""

    level: Level
    topic: str
    text: str
    count: int
    path: str = ""
    unit: str = "条"


@dataclass(frozen=True)
class Look:
    """Who looks, when, and at what."""

    console: Console
    staff: Staff
    now: int
    index: sqlite3.Connection
    casework: sqlite3.Connection

    @property
    def today(self) -> date:
        """The day at UTC+8."""
        return date.fromisoformat(date_at(self.now))

    @property
    def is_of_the_province(self) -> bool:
        """Whether it is an account of the whole province."""
        return self.staff.units is None


def waiting(look: Look) -> list[Work]:
    """All that waits, the most pressing first."""
    found = [*_findings(look), *_sources(look), *_office(look)]
    if look.is_of_the_province:
        found += [*_register(look), *_forwarding(look), *_alarms(look)]
    return sorted((each for each in found if each.count), key=lambda each: each.level)


def _findings(look: Look) -> Iterator[Work]:
    names = UnitNames.read(look.index)
    numbers = names.numbers(look.staff.units)
    of_units, values = "", list[object]()
    if numbers is not None:
        of_units = f" AND unit_no IN ({','.join('?' * len(numbers))})"
        values = [*numbers]
    rules = {each.rule: each.name_zh for each in look.console.reading.rules}
    rows = look.index.execute(
        f"SELECT rule, count(*) FROM finding WHERE state = 'overdue'{of_units} GROUP BY rule"
        " ORDER BY length(rule), rule",
        values,
    )
    for rule, count in rows.fetchall():
        path = f"/findings?state=overdue&rule={rule}"
        yield Work(Level.NOW, "逾期", f"{rule} {rules.get(rule, '')}", count, path)
    last = (look.today + timedelta(days=SOON_DAYS)).isoformat()
    (count,) = look.index.execute(
        f"SELECT count(*) FROM finding WHERE state = 'due' AND ifnull(due, '9') <= ?{of_units}",
        [last, *values],
    ).fetchone()
    yield Work(Level.SOON, "将到期", f"{SOON_DAYS} 天内到期", count, "/findings?state=due")


def _sources(look: Look) -> Iterator[Work]:
    visits = last_visits(look.console.hub.home.visits)
    states = Counter[str](
        heard(unit, visits, look.now).state
        for unit in units(look.index).values()
        if not unit.depth and look.staff.covers(unit.uscc)
    )
    for state in _SILENT:
        level = Level.NOW if state in ("quarantined", "refused") else Level.SOON
        text = f"单位的数据{source_label(state).zh}"
        yield Work(level, "数据", text, states[state], f"/units?state={state}", "家")


def _office(look: Look) -> Iterator[Work]:
    db, covers = look.casework, look.staff.covers
    asked_for = [each for each in exemptions.exemptions(db) if covers(each.unit)]
    asked = sum(each.state == exemptions.Stage.ASKED for each in asked_for)
    yield Work(Level.SOON, "豁免", "申请待审定", asked, "/exemptions?state=asked")
    ending = len(exemptions.expiring(asked_for, look.today))
    yield Work(Level.KNOWN, "豁免", "60 天内到期", ending, "/exemptions")
    raised = [each for each in objections.objections(db) if covers(each.unit)]
    open_ones = sum(not each.decision for each in raised)
    yield Work(Level.SOON, "异议", "待答复", open_ones, "/exemptions")
    wanted = MeasureFilters(units=look.staff.units, states=(course.State.PROPOSED,))
    yield Work(Level.SOON, "措施", "建议待决定", len(measures(db, wanted)), "/measures")
    unread = sum(covers(unit) for unit in _undelivered_notices(db))
    yield Work(Level.NOW, "通知", "邮件没有送达，单位也还没有取走", unread, "/notices")
    cases = complaints.cases(db, "closed_at IS NULL")
    open_cases = [each for each in cases if complaining.covers(look.staff, each)]
    untouched = sum(each.answered_at is None for each in open_cases)
    yield Work(Level.SOON, "投诉", "还没有答复", untouched, "/complaints")
    late = sum(bool(each.due) and each.due < look.today.isoformat() for each in open_cases)
    yield Work(Level.NOW, "投诉", "超过答复日期", late, "/complaints")


def _undelivered_notices(db: sqlite3.Connection) -> list[str]:
    rows = db.execute(
        "SELECT unit FROM notice n WHERE fetched_at IS NULL AND 'failed' = (SELECT state"
        " FROM notice_mail m WHERE m.number = n.number ORDER BY seq DESC LIMIT 1)"
    )
    return [unit for (unit,) in rows]


def _register(look: Look) -> Iterator[Work]:
    waiting_in = sum(each.is_open for each in applications.applications(look.casework))
    yield Work(Level.SOON, "登记", "单位等待核对指纹", waiting_in, "/enrolment", "家")
    enrolled = obliged.enrolled_codes(look.index)
    late = obliged.late_by_authority(obliged.obliged_units(look.casework), enrolled, look.today)
    count = sum(map(len, late.values()))
    yield Work(Level.NOW, "应报单位", "逾期未接入", count, "/obliged", "家")
    failed = [each.state for each in invitation_mails.last_mails(look.casework).values()]
    unread = failed.count(invitation_mails.FAILED)
    yield Work(Level.SOON, "应报单位", "邀请邮件没有送达", unread, "/obliged?mail=failed", "家")
    sets = [each.state for each in rule_proposals.proposals(look.casework)]
    proposed = sets.count(rule_proposals.Stage.PROPOSED)
    yield Work(Level.SOON, "规则", "提出的规则集待决定", proposed, "/rules", "套")


def _forwarding(look: Look) -> Iterator[Work]:
    file = look.console.hub.home.outbox
    if not file.exists():
        return
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
        states = dict(db.execute("SELECT state, count(*) FROM item GROUP BY state").fetchall())
    for state, text in _STUCK.items():
        yield Work(Level.SOON, "上报", text, states.get(state.value, 0), "/forwarding")


def _alarms(look: Look) -> Iterator[Work]:
    console = look.console
    for job in console.pulse.missed(look.now):
        yield Work(Level.NOW, "告警", f"定时任务没有按时完成：{job}", 1)
    damaged = len(last_result(console.hub.home.path).damaged)
    yield Work(Level.NOW, "告警", "自检发现损坏而不能自愈的文件", damaged)
    if why := undelivered(console.hub.home, console.hub.config.mail, look.now):
        yield Work(Level.NOW, "告警", why, 1)
