"""`/finding/{unit}/why`: how a finding came about, day by day, by the rule set that made it."""

from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route
from fenhe_hub.console.finding_facts import kept_finding
from fenhe_hub.judging.explaining import explain_finding
from fenhe_hub.office.roles import Permission
from fenhe_hub.rules.explain import DAY_LABELS, WEEKDAYS
from fenhe_hub.rules.finding import STATE_LABELS
from fenhe_protocol.errors import RequestError


def show(asked: Asked) -> Answer:
    """Each day of the clock, the hub's own outages, and what it all rests on."""
    told = [asked.query.get(name, "") for name in ("rule", "kind", "id")]
    with asked.console.index() as db:
        kept = kept_finding(db, asked.parts["unit"], *told)
    if kept is None:
        raise RequestError("request.absent", status=404)
    explained = explain_finding(asked.console.hub, kept.name, asked.now)
    context = {
        "kept": kept,
        "why": explained,
        "state": STATE_LABELS[explained.finding.state][0],
        "days": DAY_LABELS,
        "weekdays": WEEKDAYS,
        "kinds": {"working": "个工作日", "calendar": "个日历日"},
    }
    return Page("console/finding_why.html", context)


ROUTES = (Route("GET", "/finding/{unit}/why", show, Permission.SEE, Reach.UNIT),)
