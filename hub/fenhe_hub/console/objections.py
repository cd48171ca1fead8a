"""`/objections`: what units objected to, and the answers; open ones at the top."""

from collections.abc import Callable, Mapping

from fenhe_hub.casework.objections import (
    DECISION_LABELS,
    Decision,
    Objection,
    objection,
    objections,
)
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.laying import classified_now, show_at_once
from fenhe_hub.console.subjects import about, finding_page, names_of_units
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.index.classified import is_shown
from fenhe_hub.office import objecting
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

_OPEN = "open"
_STATES = {_OPEN: "未答复"} | {str(each): DECISION_LABELS[each][0] for each in Decision}


def _state(found: Objection) -> str:
    return found.decision or _OPEN


def _columns(names: Mapping[str, str]) -> tuple[Column[Objection], ...]:
    return (
        Column(
            "number",
            "编号",
            "number",
            lambda o: o.number,
            sorts=True,
            form="short",
            link=lambda o: f"/objections/{o.unit}/{o.number}",
        ),
        Column("unit", "单位", "unit", lambda o: names.get(o.unit, o.unit), sorts=True),
        Column("about", "对象", "about", lambda o: about(o.subject), sorts=True),
        Column("subject", "对象全称", "subject", lambda o: o.subject, form="exported"),
        Column("state", "答复", "answer", lambda o: _STATES[_state(o)], sorts=True, form="short"),
        Column("raised", "提出", "raised on", lambda o: o.raised_on, sorts=True, form="date"),
        Column("text", "内容", "text", lambda o: o.text, form="long"),
        Column("source", "来自", "from", lambda o: o.source, form="wide"),
        Column("notice", "针对通知", "notice", lambda o: o.notice, sorts=True, form="wide"),
    )


def _matches(names: Mapping[str, str]) -> Mapping[str, Callable[[Objection, str], bool]]:
    def words(each: Objection) -> str:
        told = (each.number, names.get(each.unit, ""), each.subject, each.text, each.notice)
        return "\n".join(told)

    return {"q": has_words(words), "state": lambda o, text: _state(o) == text}


def show(asked: Asked) -> Answer:
    """All within the account's scope."""
    staff, hidden = staff_of(asked), classified_now(asked)
    with asked.console.casework() as casework:
        found = [
            each
            for each in objections(casework.db)
            if staff.covers(each.unit) and is_shown(each.subject, hidden)
        ]
    context = {
        "open": sum(1 for each in found if not each.decision),
        "proposes": staff.may(Permission.PROPOSE),
        "today": date_at(asked.now),
        "subject": asked.query.get("subject", "")[:300],
    }
    names = names_of_units(asked)
    columns = _columns(names)
    filters = (Filter("q", "单位、对象、内容或编号"), Filter("state", "答复", _STATES))
    table = Table("/objections", "objections", columns, "-number", filters)
    source = Listed(columns, found, _matches(names))
    return answer(asked.query, table, source, "console/objections.html", context, asked.now)


def show_one(asked: Asked) -> Answer:
    """One of them, and its answer."""
    found = _find(asked)
    context = {
        "objection": found,
        "name": names_of_units(asked).get(found.unit, found.unit),
        "about": about(found.subject),
        "finding": finding_page(asked, found.subject),
        "state": _STATES[_state(found)],
        "decides": staff_of(asked).may(Permission.DECIDE) and not found.decision,
        "decisions": [(str(each), DECISION_LABELS[each][0]) for each in Decision],
    }
    return Page("console/objection.html", context)


def _find(asked: Asked) -> Objection:
    number = asked.parts["number"]
    with asked.console.casework() as casework:
        found = objection(casework.db, number)
    known = found is not None and found.unit == asked.parts["unit"]
    if found is None or not known or not is_shown(found.subject, classified_now(asked)):
        raise RequestError("register.absent", status=404, where=number)
    return found


def enter(asked: Asked) -> Answer:
    """Enter what a unit handed in on paper."""
    text = asked.form.text
    done = objecting.raise_objection(
        asked.console.office,
        staff_of(asked),
        text("subject"),
        text=text("text"),
        document=text("document"),
        raised_on=text("raised_on"),
        statement=text("statement"),
    )
    show_at_once(asked)
    return GoTo("/objections", f"已登记 {done.subject}")


def reply(asked: Asked) -> Answer:
    """Answer it."""
    found, text = _find(asked), asked.form.text
    objecting.answer(
        asked.console.office,
        staff_of(asked),
        found.number,
        decision=text("decision"),
        text=text("answer"),
        document=text("document"),
    )
    show_at_once(asked)
    return GoTo(f"/objections/{found.unit}/{found.number}", "已答复")


ROUTES = (
    Route("GET", "/objections", show, Permission.SEE, Reach.OWN),
    Route("POST", "/objections", enter, Permission.PROPOSE, Reach.OWN),
    Route("GET", "/objections/{unit}/{number}", show_one, Permission.SEE, Reach.UNIT),
    Route("POST", "/objections/{unit}/{number}/answer", reply, Permission.DECIDE, Reach.UNIT),
)
