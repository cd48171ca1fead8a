"""`/`: what needs somebody today, as far as this account may see it."""

from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route, staff_of
from fenhe_hub.console.waiting_work import Level, Look, waiting
from fenhe_hub.office.roles import ROLE_LABELS, Permission


def show(asked: Asked) -> Answer:
    """The counts, each with the list behind it."""
    staff, console = staff_of(asked), asked.console
    with console.index() as db, console.casework() as work:
        found = waiting(Look(console, staff, asked.now, db, work.db))
    shown = {section.path for section in console.door.site(staff.account).sections}
    context = {
        "lines": [(each, each.path if _list(each.path) in shown else "") for each in found],
        "levels": Level,
        "role": ROLE_LABELS[staff.role][0] if staff.role else "",
        "authority": staff.authority,
    }
    return Page("console/today.html", context)


def _list(path: str) -> str:
    return path.partition("?")[0]


ROUTES = (Route("GET", "/", show, Permission.SEE, Reach.OWN),)
