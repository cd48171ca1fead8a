"""`/`: what needs somebody today, as far as this account may see it."""

from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route, staff_of
from fenhe_hub.office.roles import ROLE_LABELS, Permission


def show(asked: Asked) -> Answer:
    """The counts, each with the list behind it."""
    staff = staff_of(asked)
    role = ROLE_LABELS[staff.role][0] if staff.role else ""
    return Page("console/today.html", {"role": role, "authority": staff.authority})


ROUTES = (Route("GET", "/", show, Permission.SEE, Reach.OWN),)
