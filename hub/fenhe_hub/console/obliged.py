"""`/obliged`: units that must take part, whether they have a node or not. Start at `show`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.casework.authorities import authorities_of
from fenhe_hub.casework.invitation_mails import FAILED, InvitationMail, last_mails, mails_of
from fenhe_hub.casework.invitation_mails import STATE_LABELS as MAIL_LABELS
from fenhe_hub.casework.journal import acts
from fenhe_hub.casework.obliged import (
    STAND_LABELS,
    Obliged,
    Stand,
    Standing,
    enrolled_codes,
    late_by_authority,
    obliged_unit,
    obliged_units,
    standing,
)
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.table import Column, Filter, Listed, Table, has_words
from fenhe_hub.console.table_page import answer
from fenhe_hub.office import inviting, obliging
from fenhe_hub.office.lists.obliged_list import TYPE_LABELS
from fenhe_hub.office.roles import Permission
from fenhe_protocol.code_tables import regions
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError


@dataclass(frozen=True, slots=True)
class Line:
    """One unit and how it stands today."""

    unit: Obliged
    stands: Standing
    mail: InvitationMail | None = None


_STATES = {str(each): label[0] for each, label in STAND_LABELS.items()}
_NONE = "none"
_MAILS = {**{state: zh for state, (zh, _) in MAIL_LABELS.items()}, _NONE: "没有寄过"}
_DECLARED = {"yes": "有", "no": "无", "": ""}


def _since(line: Line) -> str:
    return line.stands.since.isoformat() if line.stands.since else ""


def _mailed(line: Line) -> str:
    if line.mail is None:
        return ""
    return f"{_MAILS[line.mail.state]} {date_at(line.mail.settled_at or line.mail.at)}"


_COLUMNS: tuple[Column[Line], ...] = (
    Column(
        "name",
        "单位",
        "unit",
        lambda line: line.unit.name,
        sorts=True,
        link=lambda line: f"/obliged/{line.unit.uscc}",
    ),
    Column(
        "uscc", "统一社会信用代码", "code", lambda line: line.unit.uscc, sorts=True, form="short"
    ),
    Column(
        "state", "状态", "state", lambda line: _STATES[line.stands.state], sorts=True, form="short"
    ),
    Column("since", "自", "since", _since, sorts=True, form="date"),
    Column(
        "late",
        "逾期天数",
        "days late",
        lambda line: line.stands.days_late or None,
        sorts=True,
        form="number",
    ),
    Column("due", "期限", "deadline", lambda line: line.unit.due_on, sorts=True, form="date"),
    Column("authority", "主管部门", "authority", lambda line: line.unit.authority, sorts=True),
    Column(
        "type",
        "类型",
        "type",
        lambda line: TYPE_LABELS.get(line.unit.type, ("", ""))[0],
        sorts=True,
        form="exported",
    ),
    Column(
        "city",
        "市",
        "city",
        lambda line: regions().get(line.unit.city, ""),
        sorts=True,
        form="wide",
    ),
    Column("office", "联系部门", "office", lambda line: line.unit.office, form="exported"),
    Column(
        "declared",
        "有达线仪器",
        "declared",
        lambda line: _DECLARED.get(line.unit.declared, ""),
        sorts=True,
        form="wide",
    ),
    Column("mailed", "邀请邮件", "invitation mail", lambda line: _mailed(line), form="wide"),
    Column("mailbox", "公务邮箱", "mailbox", lambda line: line.unit.mailbox, form="exported"),
    Column("place", "来自", "from", lambda line: line.unit.place, form="exported"),
)
TABLE = Table(
    "/obliged",
    "obliged-units",
    _COLUMNS,
    "-late",
    (
        Filter("q", "单位、代码或部门"),
        Filter("state", "状态", _STATES),
        Filter("authority", "主管部门"),
        Filter("mail", "邀请邮件", _MAILS),
    ),
)
_MATCHES: Mapping[str, Callable[[Line, str], bool]] = {
    "q": has_words(lambda line: f"{line.unit.name}\n{line.unit.uscc}\n{line.unit.office}"),
    "state": lambda line, text: line.stands.state == text,
    "authority": has_words(lambda line: line.unit.authority),
    "mail": lambda line, text: (line.mail.state if line.mail else _NONE) == text,
}


def _lines(asked: Asked) -> list[Line]:
    """The units within the account's scope, as they stand today."""
    staff, today = staff_of(asked), date.fromisoformat(date_at(asked.now))
    enrolled = enrolled_units(asked)
    with asked.console.casework() as casework:
        units, mails = obliged_units(casework.db), last_mails(casework.db)
    return [
        Line(unit, standing(unit, enrolled.get(unit.uscc), today), mails.get(unit.uscc))
        for unit in units
        if staff.covers(unit.uscc)
    ]


def enrolled_units(asked: Asked) -> Mapping[str, int]:
    """The codes that `reg` names; none before the hub's first round."""
    if not asked.console.hub.home.index.exists():
        return {}
    with asked.console.index() as db:
        return enrolled_codes(db)


def show(asked: Asked) -> Answer:
    """The register, with who is late at the top; and what is done to it."""
    staff, lines = staff_of(asked), _lines(asked)
    counts = {label: 0 for label in _STATES}
    for line in lines:
        counts[line.stands.state] += 1
    today = date.fromisoformat(date_at(asked.now))
    late = late_by_authority((line.unit for line in lines), enrolled_units(asked), today)
    counted = [(name, len(found)) for name, found in late.items()]
    context = {
        "counts": [(value, _STATES[value], number) for value, number in counts.items()],
        "late": sorted(counted, key=lambda pair: (-pair[1], pair[0])),
        "prepares": staff.may(Permission.PREPARE) and staff.units is None,
        "uninvited": sum(map(_is_uninvited, lines)),
        "mailable": sum(map(_is_mailable, lines)) if asked.console.hub.config.mail.sends else 0,
    }
    source = Listed(_COLUMNS, lines, _MATCHES)
    return answer(asked.query, TABLE, source, "console/obliged.html", context, asked.now)


def show_unit(asked: Asked) -> Answer:
    """One of them: what the list says, what was done, and what can be."""
    uscc, staff = asked.parts["unit"], staff_of(asked)
    line = next((each for each in _lines(asked) if each.unit.uscc == uscc), None)
    if line is None:
        raise RequestError("register.absent", status=404, where=uscc)
    today = date.fromisoformat(date_at(asked.now))
    with asked.console.casework() as casework:
        history = [(act, act_name(act.name)) for act in acts(casework.db, unit=uscc)][:50]
        of = authorities_of(casework.db, uscc, today)
        mails = mails_of(casework.db, uscc)
    context = {
        "unit": line.unit,
        "stands": line.stands,
        "state": _STATES[line.stands.state],
        "type": TYPE_LABELS.get(line.unit.type, ("", ""))[0],
        "city": regions().get(line.unit.city, ""),
        "declared": _DECLARED.get(line.unit.declared, ""),
        "history": history,
        "authorities": of,
        "mails": [(each, _MAILS[each.state]) for each in mails],
        "sends": asked.console.hub.config.mail.sends,
        "may": {each.value: staff.may(each) for each in Permission},
    }
    return Page("console/obliged_unit.html", context)


def _is_uninvited(line: Line) -> bool:
    """Whether it waits for its sheet, also where its deadline is over by now."""
    return line.unit.invited_at is None and line.stands.state in (Stand.REGISTERED, Stand.LATE)


def _is_mailable(line: Line) -> bool:
    """Whether a sheet can go out to it that has not gone out, or has not arrived."""
    waits = line.stands.state in (Stand.REGISTERED, Stand.INVITED, Stand.LATE)
    return bool(waits and line.unit.mailbox) and (line.mail is None or line.mail.state == FAILED)


def mail_all(asked: Asked) -> Answer:
    """Send its sheet to everyone who has a mailbox and has not got one."""
    wanted = [(x.unit.uscc, x.unit.mailbox) for x in _lines(asked) if _is_mailable(x)]
    sent = inviting.mail_sheets(asked.console.office, staff_of(asked), wanted)
    return GoTo("/obliged", f"已排队寄出 {len(sent)} 份邀请单")


def mail(asked: Asked) -> Answer:
    """Send one its sheet, or send it again."""
    uscc, address = asked.parts["unit"], asked.form.text("address")
    inviting.mail_sheets(asked.console.office, staff_of(asked), [(uscc, address)])
    return GoTo(f"/obliged/{uscc}", "邀请单已排队寄出")


def invite_all(asked: Asked) -> Answer:
    """Invite everyone who is listed and not invited yet; then print all their sheets."""
    codes = [each.unit.uscc for each in _lines(asked) if _is_uninvited(each)]
    done = obliging.invite(asked.console.office, staff_of(asked), codes)
    at = done[0].at if done else 0
    return GoTo(f"/obliged-invitations?at={at}")


def invite(asked: Asked) -> Answer:
    """Invite one; then print its sheet."""
    uscc = asked.parts["unit"]
    obliging.invite(asked.console.office, staff_of(asked), [uscc])
    return GoTo(f"/obliged/{uscc}/invitation")


def wait(asked: Asked) -> Answer:
    """Its node asked, or its sheet came back with a fingerprint."""
    uscc, typed = asked.parts["unit"], asked.form.text("fingerprint")
    mark = read_fingerprint(typed, where="fingerprint") if typed else ""
    obliging.note_waiting(asked.console.office, staff_of(asked), uscc, fingerprint=mark)
    return GoTo(f"/obliged/{uscc}", "已记：等待登记")


def release(asked: Asked) -> Answer:
    """Exempt it or take it off the list."""
    uscc, text = asked.parts["unit"], asked.form.text
    obliging.release(
        asked.console.office,
        staff_of(asked),
        uscc,
        how=text("how"),
        reason=text("reason"),
        document=text("document"),
    )
    return GoTo(f"/obliged/{uscc}", "已记")


def restore(asked: Asked) -> Answer:
    """Take that back."""
    uscc, reason = asked.parts["unit"], asked.form.text("reason")
    obliging.restore(asked.console.office, staff_of(asked), uscc, reason)
    return GoTo(f"/obliged/{uscc}", "已恢复")


def find(asked: Asked, uscc: str) -> Obliged:
    """The unit of this code; RequestError 404."""
    with asked.console.casework() as casework:
        found = obliged_unit(casework.db, uscc)
    if found is None:
        raise RequestError("register.absent", status=404, where=uscc)
    return found


ROUTES = (
    Route("GET", "/obliged", show, Permission.SEE, Reach.OWN),
    Route("POST", "/obliged", invite_all, Permission.PREPARE, Reach.PROVINCE),
    Route("GET", "/obliged/{unit}", show_unit, Permission.SEE, Reach.UNIT),
    Route("POST", "/obliged/{unit}/invite", invite, Permission.PREPARE, Reach.UNIT),
    Route("POST", "/obliged-mail", mail_all, Permission.PREPARE, Reach.PROVINCE),
    Route("POST", "/obliged/{unit}/mail", mail, Permission.PREPARE, Reach.UNIT),
    Route("POST", "/obliged/{unit}/wait", wait, Permission.ENROL, Reach.UNIT),
    # Who may exempt may not remove, and the other way round: the verb asks.
    Route("POST", "/obliged/{unit}/release", release, Permission.SEE, Reach.UNIT),
    Route("POST", "/obliged/{unit}/restore", restore, Permission.SEE, Reach.UNIT),
)
