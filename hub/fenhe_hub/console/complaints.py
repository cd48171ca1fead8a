"""`/complaints`: the cases that an account may handle; one of them is in `complaint`."""

from collections.abc import Callable, Mapping

from fenhe_hub.casework.complaints import Case, cases
from fenhe_hub.console.asking import Answer, Asked, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.feedback.handlers_key import public_key
from fenhe_hub.feedback.subjects import (
    CATEGORY_LABELS,
    ROUTE_LABELS,
    SOURCE_LABELS,
    STATE_LABELS,
    State,
)
from fenhe_hub.index.read import units
from fenhe_hub.office.complaining import covers
from fenhe_hub.office.roles import Permission

CATEGORIES: Mapping[str, str] = {str(code): zh for code, (zh, _) in CATEGORY_LABELS.items()}
STATES: Mapping[str, str] = {str(code): zh for code, (zh, _) in STATE_LABELS.items()}
ROUTES_ZH: Mapping[str, str] = {str(code): zh for code, (zh, _) in ROUTE_LABELS.items()}
SOURCES_ZH: Mapping[str, str] = {str(code): zh for code, (zh, _) in SOURCE_LABELS.items()}
OPEN, ALL = "open", "all"


def columns(names: Mapping[str, str]) -> tuple[Column[Case], ...]:
    """The columns; `names` are those of units by their codes."""
    return (
        Column(
            "number",
            "编号",
            "number",
            lambda c: c.number,
            sorts=True,
            link=lambda c: f"/complaints/{c.number}",
        ),
        Column("category", "事项", "about", lambda c: CATEGORIES.get(c.category, ""), sorts=True),
        Column("unit", "单位", "unit", lambda c: names.get(c.unit, c.unit), sorts=True),
        Column("uscc", "单位代码", "code", lambda c: c.unit, form="wide"),
        Column("record", "仪器编号", "instrument", lambda c: c.record, form="wide"),
        Column("state", "状态", "state", lambda c: STATES.get(c.state, ""), sorts=True),
        Column("route", "办理方", "who answers", lambda c: ROUTES_ZH.get(c.route, ""), form="wide"),
        Column(
            "source", "来自", "from", lambda c: SOURCES_ZH.get(c.source, "公开表单"), form="wide"
        ),
        Column("received", "收到", "received", lambda c: c.received_on, sorts=True, form="date"),
        Column("due", "期限", "due", lambda c: c.due, sorts=True, form="date"),
        Column(
            "answered",
            "答复",
            "answered",
            lambda c: c.answered_on or "",
            sorts=True,
            form="date wide",
        ),
    )


def show(asked: Asked) -> Answer:
    """The cases, those that are open first asked for."""
    staff = staff_of(asked)
    with asked.console.index() as db:
        names = {unit.uscc: unit.name for unit in units(db).values() if not unit.depth}
    with asked.console.casework() as casework:
        found = [case for case in cases(casework.db) if covers(staff, case)]
    listed = columns(names)
    table = Table(
        "/complaints",
        "complaints",
        listed,
        "-received",
        (
            Filter("q", "编号、单位或仪器"),
            Filter("category", "事项", CATEGORIES),
            Filter("state", "状态", {OPEN: "未办结", ALL: "全部", **STATES}, OPEN),
        ),
    )
    matches: Mapping[str, Callable[[Case, str], bool]] = {
        "q": has_words(lambda c: f"{c.number}\n{names.get(c.unit, '')}\n{c.unit}\n{c.record}"),
        "category": lambda c, text: c.category == text,
        "state": _in_state,
    }
    context = {"is_open": public_key(asked.console.hub.home) is not None}
    source = Listed(listed, found, matches)
    return answer(asked.query, table, source, "console/complaints.html", context, asked.now)


def _in_state(case: Case, text: str) -> bool:
    return text == ALL or (case.state != State.CLOSED if text == OPEN else case.state == text)


ROUTES = (Route("GET", "/complaints", show, Permission.HANDLE, Reach.OWN),)
