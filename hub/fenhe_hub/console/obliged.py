"""`/obliged`: units that must take part, whether they have a node or not. Start at `show`."""

from collections.abc import Mapping
from datetime import date
from sqlite3 import Connection

from fenhe_client.keys.typed_fingerprint import read_fingerprint
from fenhe_hub.casework.authorities import authorities_of
from fenhe_hub.casework.course import KIND_LABELS, State
from fenhe_hub.casework.follow_up import SHOWN_LABELS, shown_state
from fenhe_hub.casework.invitation_mails import FAILED, last_mails, mails_of
from fenhe_hub.casework.journal import acts
from fenhe_hub.casework.measures import Measure, MeasureFilters, measures
from fenhe_hub.casework.obliged import (
    Obliged,
    Stand,
    enrolled_codes,
    late_by_authority,
    obliged_unit,
    obliged_units,
    standing,
)
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.obliged_rows import COLUMNS, DECLARED, MAILS, MATCHES, STATES, TABLE, Line
from fenhe_hub.console.table import Listed
from fenhe_hub.console.table_page import answer
from fenhe_hub.office import inviting, obliging
from fenhe_hub.office.lists.obliged_list import TYPE_LABELS
from fenhe_hub.office.roles import Permission
from fenhe_protocol.code_tables import regions
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError


def _lines(asked: Asked) -> list[Line]:
    """The units within the account's scope, as they stand today."""
    staff, today = staff_of(asked), date.fromisoformat(date_at(asked.now))
    enrolled = enrolled_units(asked)
    with asked.console.casework() as casework:
        units, mails = obliged_units(casework.db), last_mails(casework.db)
        standing_ones = _in_force(casework.db, today.isoformat())
    return [
        Line(
            unit,
            standing(unit, enrolled.get(unit.uscc), today),
            mails.get(unit.uscc),
            tuple(standing_ones.get(unit.uscc, ())),
        )
        for unit in units
        if staff.covers(unit.uscc)
    ]


def _in_force(db: Connection, today: str) -> Mapping[str, list[Measure]]:
    """The measures that stand, by unit."""
    found: dict[str, list[Measure]] = {}
    for each in measures(db, MeasureFilters(states=(State.DECIDED,))):
        if each.is_in_force(today):
            found.setdefault(each.unit, []).append(each)
    return found


def enrolled_units(asked: Asked) -> Mapping[str, int]:
    """The codes that `reg` names; none before the hub's first round."""
    if not asked.console.hub.home.index.exists():
        return {}
    with asked.console.index() as db:
        return enrolled_codes(db)


def show(asked: Asked) -> Answer:
    """The register, with who is late at the top; and what is done to it."""
    staff, lines = staff_of(asked), _lines(asked)
    counts = {label: 0 for label in STATES}
    for line in lines:
        counts[line.stands.state] += 1
    today = date.fromisoformat(date_at(asked.now))
    late = late_by_authority((line.unit for line in lines), enrolled_units(asked), today)
    counted = [(name, len(found)) for name, found in late.items()]
    context = {
        "counts": [(value, STATES[value], number) for value, number in counts.items()],
        "late": sorted(counted, key=lambda pair: (-pair[1], pair[0])),
        "prepares": staff.may(Permission.PREPARE) and staff.units is None,
        "uninvited": sum(map(_is_uninvited, lines)),
        "mailable": sum(map(_is_mailable, lines)) if asked.console.hub.config.mail.sends else 0,
    }
    source = Listed(COLUMNS, lines, MATCHES)
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
        taken = measures(casework.db, MeasureFilters(unit=uscc))
    context = {
        "unit": line.unit,
        "stands": line.stands,
        "state": STATES[line.stands.state],
        "type": TYPE_LABELS.get(line.unit.type, ("", ""))[0],
        "city": regions().get(line.unit.city, ""),
        "declared": DECLARED.get(line.unit.declared, ""),
        "history": history,
        "authorities": of,
        "measures": [
            (each, KIND_LABELS[each.kind][0], SHOWN_LABELS[shown_state(each, today.isoformat())][0])
            for each in taken
        ],
        "mails": [(each, MAILS[each.state]) for each in mails],
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
