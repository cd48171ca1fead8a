"""Invitation sheets, one or many at once, as pages that print; each is one sheet of paper."""

from collections.abc import Iterable
from importlib import resources

from markupsafe import Markup

from fenhe_client.console.frame import load_templates
from fenhe_hub.casework.obliged import Obliged, obliged_units
from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route
from fenhe_hub.console.obliged import find
from fenhe_hub.hub import Hub
from fenhe_hub.office.invitation import STEPS, Invitation
from fenhe_hub.office.inviting import sender_of
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at


def sheets(hub: Hub, units: Iterable[Obliged], now: int) -> dict[str, object]:
    """What the template shows."""
    sender, day = sender_of(hub), date_at(now)
    made = [Invitation(unit, sender, day) for unit in units]
    return {"sheets": made, "steps": STEPS, "style": ""}


def printed(hub: Hub, units: Iterable[Obliged], now: int) -> bytes:
    """The same as a file of its own, with its style inside."""
    style = (resources.files("fenhe_client.console") / "static/console.css").read_text("utf-8")
    templates = load_templates("fenhe_hub.console", 0)
    page = templates.get_template("console/invitation.html")
    return page.render(sheets(hub, units, now) | {"style": Markup(style)}).encode()


def show_one(asked: Asked) -> Answer:
    """The sheet of one unit."""
    unit = find(asked, asked.parts["unit"])
    return Page("console/invitation.html", sheets(asked.console.hub, [unit], asked.now))


def show_many(asked: Asked) -> Answer:
    """The sheets of all that were invited at one time, or of all that were ever."""
    at = asked.query.get("at", "")
    with asked.console.casework() as casework:
        units = [
            unit
            for unit in obliged_units(casework.db)
            if unit.invited_at is not None and not unit.released
        ]
    if at:
        units = [unit for unit in units if str(unit.invited_at) == at]
    return Page("console/invitation.html", sheets(asked.console.hub, units, asked.now))


ROUTES = (
    Route("GET", "/obliged/{unit}/invitation", show_one, Permission.SEE, Reach.UNIT),
    Route("GET", "/obliged-invitations", show_many, Permission.PREPARE, Reach.PROVINCE),
)
