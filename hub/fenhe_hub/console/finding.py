"""`/finding/{unit}`: one finding, why, what lies over it, what was done about it."""

from typing import Any
from urllib.parse import quote

import orjson

from fenhe_hub.api.labels import state_label
from fenhe_hub.casework import exemptions, journal, objections
from fenhe_hub.casework.measures import MeasureFilters, measures
from fenhe_hub.console.act_names import act_name
from fenhe_hub.console.asking import Answer, Asked, Page, Reach, Route, staff_of
from fenhe_hub.console.finding_facts import Kept, kept_finding
from fenhe_hub.console.finding_rows import concerned
from fenhe_hub.console.measure_rows import MeasureRow, measure_rows
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.office.roles import Permission
from fenhe_hub.rules.obligation import OBLIGATION_LABELS, Obligation
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import RequestError

_MOST_ACTS = 100
LABELS = {
    "exemption": exemptions.STAGE_LABELS,
    "decision": objections.DECISION_LABELS,
}


def show(asked: Asked) -> Answer:
    """All that there is on a finding."""
    console = asked.console
    with console.index() as db:
        kept, names = _kept(asked, db), UnitNames.read(db)
        unit = names.name(kept.unit_no)
    context: dict[str, Any] = {
        "finding": kept,
        "unit_name": unit,
        "rule": next((r for r in console.reading.rules if r.rule == kept.rule), None),
        "kind": concerned(kept.kind),
        "state": state_label(kept.state).zh,
        "judged": state_label(kept.judged or kept.state).zh,
        "obligation": OBLIGATION_LABELS[Obligation(kept.obligation)][0],
        "labels": LABELS,
        "record": _record_link(asked, kept),
        **_casework(asked, kept),
    }
    return Page("console/finding.html", context)


def _kept(asked: Asked, db: Any) -> Kept:
    told = [asked.query.get(name, "") for name in ("rule", "kind", "id")]
    kept = kept_finding(db, asked.parts["unit"], *told)
    if kept is None:
        raise RequestError("request.absent", status=404)
    return kept


def _casework(asked: Asked, kept: Kept) -> dict[str, Any]:
    """What the office did about it, and what is laid over it."""
    with asked.console.casework() as work:
        db = work.db
        asked_for = exemptions.exemptions(db, unit=kept.uscc)
        raised = objections.objections(db, unit=kept.uscc)
        acts = [act for act in journal.acts(db, unit=kept.uscc) if _about(act, kept.name)]
        return {
            "exemptions": [each for each in asked_for if kept.is_meant(each.subject)],
            "objections": [each for each in raised if kept.is_meant(each.subject)],
            "measures": _measures(asked, db, kept),
            "proposes": staff_of(asked).may(Permission.PROPOSE),
            "acts": [(act, act_name(act.name)) for act in acts[:_MOST_ACTS]],
        }


def _measures(asked: Asked, db: Any, kept: Kept) -> list[MeasureRow]:
    """The measures that rest on it, each with what the unit objects."""
    found = measures(db, MeasureFilters(unit=kept.uscc, finding=kept.name))
    with asked.console.index() as index:
        return measure_rows(index, found, date_at(asked.now))


def _about(act: Any, name: str) -> bool:
    return act.subject == name or name in orjson.dumps(dict(act.details)).decode()


def _record_link(asked: Asked, kept: Kept) -> str:
    """The public page of the record, with its proof of origin."""
    if kept.kind in ("", "unit", "leaf", "log", "address"):
        return f"{asked.console.reading.url}/u/{kept.uscc}"
    return f"{asked.console.reading.url}/r/{kept.uscc}/{kept.kind}/{quote(kept.id, safe='')}"


ROUTES = (Route("GET", "/finding/{unit}", show, Permission.SEE, Reach.UNIT),)
