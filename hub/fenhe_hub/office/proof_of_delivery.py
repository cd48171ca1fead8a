"""That a paper was delivered, noted by hand. Start at `note_delivered`."""

from fenhe_hub.casework import notices
from fenhe_hub.casework.notices import HOW_LABELS, How
from fenhe_hub.office import entered
from fenhe_hub.office.acting import Office
from fenhe_hub.office.roles import Permission
from fenhe_hub.office.staff import Staff
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import InputError, RequestError
from fenhe_protocol.fed import Act


def note_delivered(
    office: Office, who: Staff, number: str, *, how: str, on: str, note: str = ""
) -> Act:
    """Keep when and how a notice arrived, and which slip proves it.

    RequestError 403, 404; InputError `register.*` names the field.
    """
    day, today = entered.day(on, "on"), date_at(office.clock())
    details = {
        "how": entered.choice(how, How, HOW_LABELS, "how"),
        "on": day,
        "note": entered.words(note, "note", optional=True),
    }
    with office.turn() as casework:
        found = notices.notice(casework.db, number)
        if found is None:
            raise RequestError("notice.absent", status=404, where=number)
        if not date_at(found.at) <= day <= today:
            expected = f"{date_at(found.at)} – {today}"
            raise InputError("register.value", where="on", expected=expected, found=day)
        return office.do(
            casework, who, Permission.OPERATE, "notice.delivered", number, details, unit=found.unit
        )
