"""`/complaints/new`: what somebody told the office by telephone, letter or in person, entered.

The words are sealed as those of the public form; number and secret are shown once, for the caller.
"""

from collections.abc import Sequence
from secrets import token_bytes

from fenhe_hub.casework.obliged import obliged_units
from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route, staff_of
from fenhe_hub.console.complaints import CATEGORIES, SOURCES_ZH
from fenhe_hub.feedback.complaint import Complaint, Fault, read_complaint
from fenhe_hub.feedback.sealing import SECRET_BYTES, Secret
from fenhe_hub.index.read import record, unit_with_code, units
from fenhe_hub.office.complaining import enter
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at

_FIELDS = ("source", "came_on", "category", "unit", "record", "text", "wish", "contact")
_NO_RECORD = Fault("record", "该单位没有公布这个编号的仪器；不清楚编号可以不填")


def show(asked: Asked) -> Answer:
    """The empty form."""
    return _page(asked, {}, ())


def take(asked: Asked) -> Answer:
    """Keep it, or say what is wrong in the same form."""
    form = {name: asked.form.fields.get(name, "") for name in _FIELDS}
    complaint, faults = read_complaint(form, dict(_units(asked)).keys())
    if complaint is not None and not _is_record(asked, complaint):
        complaint, faults = None, [_NO_RECORD]
    if complaint is None:
        return _page(asked, form, faults)
    secret = Secret.of_random(token_bytes(SECRET_BYTES))
    office, when = asked.console.office, form["came_on"]
    number = enter(office, staff_of(asked), complaint, secret, source=form["source"], came_on=when)
    url = asked.console.hub.config.public_url.rstrip("/")
    told = {"number": number, "secret": secret.shown, "url": url}
    return Page("console/complaint_entered.html", told)


def _is_record(asked: Asked, told: Complaint) -> bool:
    """Whether the instrument that is named is known here, where one is."""
    if not told.id:
        return True
    with asked.console.index() as db:
        unit = unit_with_code(db, told.unit) if told.unit else None
        return unit is not None and record(db, unit.unit_no, told.kind, told.id) is not None


def _units(asked: Asked) -> Sequence[tuple[str, str]]:
    """(code, name) of all within the account's scope, those without a node too."""
    staff = staff_of(asked)
    with asked.console.casework() as casework:
        found = {unit.uscc: unit.name for unit in obliged_units(casework.db)}
    with asked.console.index() as db:
        found |= {unit.uscc: unit.name for unit in units(db).values() if not unit.depth}
    covered = [(uscc, name) for uscc, name in found.items() if staff.covers(uscc)]
    return sorted(covered, key=lambda pair: (pair[1], pair[0]))


def _page(asked: Asked, form: dict[str, str], faults: Sequence[Fault]) -> Page:
    context = {
        "form": {name: form.get(name, "") for name in _FIELDS},
        "faults": {fault.field: fault.text for fault in faults},
        "sources": [*SOURCES_ZH.items()],
        "categories": [*CATEGORIES.items()],
        "units": [(name, uscc) for uscc, name in _units(asked)],
        "today": date_at(asked.now),
    }
    return Page("console/complaint_entry.html", context, 422 if faults else 200)


ROUTES = (
    Route("GET", "/complaints/new", show, Permission.HANDLE, Reach.OWN),
    Route("POST", "/complaints/new", take, Permission.HANDLE, Reach.OWN),
)
