"""Where a case goes: to the unit by a notice in tier `to`, or to an authority. Start at `pass_on`.

A notice holds what a handler wrote of the matter, never what the complainant wrote: no identity
can travel with it, and what looks like one is refused.
"""

import sqlite3
from datetime import date
from typing import Any

from fenhe_hub.casework import authorities, complaints
from fenhe_hub.casework.complaints import Case
from fenhe_hub.feedback.complaint import LONGEST_TEXT
from fenhe_hub.feedback.subjects import CATEGORY_LABELS, Category, Route, may_follow, may_go
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.judging.working_days import load_calendar
from fenhe_hub.office.acting import Office
from fenhe_hub.office.complaining import HANDLE, find
from fenhe_hub.office.noticing import compose
from fenhe_hub.office.staff import Staff
from fenhe_hub.read_only import read_only
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.deadline import deadline_of
from fenhe_hub.rules.finding import Clock
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError, SetupError
from fenhe_protocol.notice import Notice
from fenhe_protocol.privacy import find_personal
from fenhe_protocol.typed_text import trouble

RULE = "D9"
_HOW = (
    "\n\n请核实后以“意见答复”（feedback_reply，编号 {number}）公开答复，不写反映人的信息。"
    "编号 {number} 即办理编号。"
)


def pass_on(
    office: Office, who: Staff, number: str, route: str, *, summary: str = "", authority: str = ""
) -> None:
    """Send a case to its unit, with what `summary` says of it, or to an authority by its number.

    RequestError 403, 404, 409, 422 `complaint.*`.
    """
    with office.turn() as casework:
        case = find(casework, who, number)
        _check(case, route)
        due = _due(office.hub, date.fromisoformat(date_at(office.clock())))
        told: dict[str, Any] = {"route": route, **({"due": due} if due else {})}
        words: list[Notice] = []
        if route == Route.UNIT:
            notice = _notice(office.hub, casework.db, case, summary, due)
            told["notice"] = notice.number
            words = [notice]
        elif authority:
            told["authority"] = _known(casework.db, authority, date_at(office.clock()))
        about = {"unit": case.unit} if case.unit else {}
        office.do(
            *(casework, who, HANDLE, "complaint.routed", number, {**told, **about}), words=words
        )


def _due(hub: Hub, today: date) -> str:
    """The last day for an answer to what is handed on today, by rule D9; empty: none is set."""
    try:
        rules, calendar = load_rules(hub.rules_file).in_force(today), load_calendar(hub)
    except SetupError:
        return ""  # `check` tells the operator; a case does not wait for it
    parameters = next((rule.parameters for rule in rules if rule.rule == RULE), {})
    if not (days := parameters.get("days")):
        return ""
    clock = Clock(today, days, parameters.get("day_kind", "working"))
    return deadline_of(clock, calendar).on.isoformat()


def _check(case: Case, route: str) -> None:
    if not may_follow(case.state, "route"):
        raise RequestError("complaint.state", status=409, where=case.number, found=case.state)
    if route not in set(Route) or not may_go(case.category, route, case.unit):
        found = f"{case.category} → {route}"
        raise RequestError("complaint.route", status=422, where=case.number, found=found)


def _notice(hub: Hub, db: sqlite3.Connection, case: Case, summary: str, due: str) -> Notice:
    if not summary:
        raise InputError("complaint.words", where=case.number)
    if wrong := trouble(summary, LONGEST_TEXT):
        raise InputError("register.value", where="summary", expected=wrong)
    if hits := find_personal({"text": summary}):
        found = ", ".join(hit.what for hit in hits)
        raise RequestError("complaint.personal", status=422, where="summary", found=found)
    with read_only(hub.home.index) as index:
        unit = unit_with_code(index, case.unit)
    if unit is None or unit.state != "enrolled":
        raise RequestError("complaint.no-node", status=422, where=case.unit)
    what = CATEGORY_LABELS[Category(case.category)][0]
    text = f"{summary}{_HOW.format(number=case.number)}"
    notice = Notice(
        number=complaints.notice_number(db, case.number),
        to=unit.origin,
        text=text,
        answer_by=due,
        matter="feedback",
        title=f"意见转办：{what}",
        case=case.number,
    )
    compose(hub, notice)
    return notice


def _known(db: sqlite3.Connection, number: str, on: str) -> str:
    found = authorities.authority(db, number)
    if found is None or not found.is_valid(date.fromisoformat(on)):
        raise RequestError("complaint.route", status=422, where="authority", found=number)
    return number
