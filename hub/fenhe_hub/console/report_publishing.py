"""A report's summary let out for everyone, or taken back, by whoever decides for the province."""

from fenhe_hub.console.asking import Answer, Asked, GoTo, Reach, Route, staff_of
from fenhe_hub.office.roles import Permission
from fenhe_hub.reporting.period import Period
from fenhe_hub.reporting.publishing import let_out, take_back

_ONE = "/reports/{period}/{place}"


def publish(asked: Asked) -> Answer:
    """Let it out."""
    console, parts = asked.console, asked.parts
    period = Period.parse(parts["period"])
    document = asked.form.text("document")
    let_out(console.hub, console.office, staff_of(asked), period, parts["place"], document)
    return GoTo(f"/reports/{period.text}/{parts['place']}", "摘要已公开")


def retract(asked: Asked) -> Answer:
    """Take it back."""
    period = Period.parse(asked.parts["period"])
    take_back(asked.console.office, staff_of(asked), period, asked.form.text("reason"))
    return GoTo(f"/reports/{period.text}/{asked.parts['place']}", "已撤下")


ROUTES = (
    Route("POST", f"{_ONE}/publish", publish, Permission.DECIDE, Reach.PROVINCE),
    Route("POST", f"{_ONE}/retract", retract, Permission.DECIDE, Reach.PROVINCE),
)
