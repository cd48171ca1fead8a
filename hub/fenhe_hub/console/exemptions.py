"""`/exemptions`: what is exempt, what is asked for, what ends soon; and `/objections` beside it."""

from collections.abc import Callable, Mapping
from datetime import date

from fenhe_hub.casework.authorities import authority
from fenhe_hub.casework.exemptions import (
    STAGE_LABELS,
    Exemption,
    Stage,
    exemption,
    exemptions,
    expiring,
)
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.laying import classified_now, show_at_once
from fenhe_hub.console.subjects import about, finding_page, names_of_units
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.index.classified import is_shown
from fenhe_hub.office import exempting
from fenhe_hub.office.exempting import Grant
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

_STATES = {str(each): STAGE_LABELS[each][0] for each in Stage}
SOON_DAYS = 60


def _columns(names: Mapping[str, str]) -> tuple[Column[Exemption], ...]:
    return (
        Column(
            "number",
            "编号",
            "number",
            lambda e: e.number,
            sorts=True,
            form="short",
            link=lambda e: f"/exemptions/{e.unit}/{e.number}",
        ),
        Column("unit", "单位", "unit", lambda e: names.get(e.unit, e.unit), sorts=True),
        Column("about", "对象", "about", lambda e: about(e.subject), sorts=True),
        Column("subject", "对象全称", "subject", lambda e: e.subject, form="exported"),
        Column("state", "状态", "state", lambda e: _STATES[e.state], sorts=True, form="short"),
        Column(
            "asked", "提出", "asked", lambda e: date_at(e.asked_at), sorts=True, form="exported"
        ),
        Column("reason", "理由", "reason", lambda e: e.reason, form="long"),
        Column(
            "approver", "批准部门", "approver", lambda e: e.approver, sorts=True, form="exported"
        ),
        Column(
            "filing", "备案号", "filing number", lambda e: e.filing_no, sorts=True, form="exported"
        ),
        Column("from", "自", "from", lambda e: e.valid_from, sorts=True, form="date"),
        Column("until", "至", "until", lambda e: e.valid_until, sorts=True, form="date"),
    )


def _matches(names: Mapping[str, str]) -> Mapping[str, Callable[[Exemption, str], bool]]:
    def words(each: Exemption) -> str:
        told = (each.number, names.get(each.unit, ""), each.subject, each.reason, each.filing_no)
        return "\n".join(told)

    return {"q": has_words(words), "state": lambda e, text: e.state == text}


def show(asked: Asked) -> Answer:
    """All within the account's scope, what ends soon beside them."""
    staff, today = staff_of(asked), date.fromisoformat(date_at(asked.now))
    hidden = classified_now(asked)
    with asked.console.casework() as casework:
        found = [
            each
            for each in exemptions(casework.db)
            if staff.covers(each.unit) and is_shown(each.subject, hidden)
        ]
    context = {
        "soon": expiring(found, today, SOON_DAYS),
        "days": SOON_DAYS,
        "open": sum(1 for each in found if each.state == Stage.ASKED),
        "proposes": staff.may(Permission.PROPOSE),
        "subject": asked.query.get("subject", "")[:300],
    }
    names = names_of_units(asked)
    columns = _columns(names)
    filters = (Filter("q", "单位、对象、理由或编号"), Filter("state", "状态", _STATES))
    table = Table("/exemptions", "exemptions", columns, "-number", filters)
    source = Listed(columns, found, _matches(names))
    return answer(asked.query, table, source, "console/exemptions.html", context, asked.now)


def show_one(asked: Asked) -> Answer:
    """One of them, and its decision."""
    staff, found = staff_of(asked), _find(asked)
    with asked.console.casework() as casework:
        own = authority(casework.db, staff.authority)
    context = {
        "exemption": found,
        "state": _STATES[found.state],
        "name": names_of_units(asked).get(found.unit, found.unit),
        "about": about(found.subject),
        "finding": finding_page(asked, found.subject),
        "decides": staff.may(Permission.DECIDE),
        "authority": own.name if own else "",
        "today": date_at(asked.now),
        "in_force": found.is_in_force(date.fromisoformat(date_at(asked.now))),
    }
    return Page("console/exemption.html", context)


def _find(asked: Asked) -> Exemption:
    """The one that the path names, of the unit whose scope was asked; RequestError 404."""
    number = asked.parts["number"]
    with asked.console.casework() as casework:
        found = exemption(casework.db, number)
    known = found is not None and found.unit == asked.parts["unit"]
    if found is None or not known or not is_shown(found.subject, classified_now(asked)):
        raise RequestError("register.absent", status=404, where=number)
    return found


def ask(asked: Asked) -> Answer:
    """Enter a request that a unit handed in."""
    text = asked.form.text
    office, staff = asked.console.office, staff_of(asked)
    done = exempting.ask(office, staff, text("subject"), text("reason"), text("source"))
    return GoTo("/exemptions", f"已提出 {done.subject}，待审定")


def grant(asked: Asked) -> Answer:
    """Grant it."""
    found, text = _find(asked), asked.form.text
    names = ("approver", "reason", "filing_no", "from", "until", "document")
    told = Grant(*(text(name) for name in names))
    exempting.grant(asked.console.office, staff_of(asked), found.number, told)
    show_at_once(asked)
    return GoTo(f"/exemptions/{found.unit}/{found.number}", "已批准，与发现一起公开")


def refuse(asked: Asked) -> Answer:
    """Refuse it."""
    found, text = _find(asked), asked.form.text
    office, staff = asked.console.office, staff_of(asked)
    exempting.refuse(office, staff, found.number, text("answer"), text("document"))
    return GoTo(f"/exemptions/{found.unit}/{found.number}", "已记：不批准")


def revoke(asked: Asked) -> Answer:
    """Revoke what was granted."""
    found, text = _find(asked), asked.form.text
    office, staff = asked.console.office, staff_of(asked)
    exempting.revoke(office, staff, found.number, text("answer"), text("document"))
    show_at_once(asked)
    return GoTo(f"/exemptions/{found.unit}/{found.number}", "已撤销")


_ONE = "/exemptions/{unit}/{number}"
ROUTES = (
    Route("GET", "/exemptions", show, Permission.SEE, Reach.OWN),
    Route("POST", "/exemptions", ask, Permission.PROPOSE, Reach.OWN),
    Route("GET", _ONE, show_one, Permission.SEE, Reach.UNIT),
    Route("POST", f"{_ONE}/grant", grant, Permission.DECIDE, Reach.UNIT),
    Route("POST", f"{_ONE}/refuse", refuse, Permission.DECIDE, Reach.UNIT),
    Route("POST", f"{_ONE}/revoke", revoke, Permission.DECIDE, Reach.UNIT),
)
