"""`/measures/propose/{unit}`: the form by which a measure is proposed, looked at before it is."""

from typing import Any

from fenhe_hub.api.labels import state_label
from fenhe_hub.casework.course import BARS, KIND_LABELS, ON_ITEMS, Kind
from fenhe_hub.casework.obliged import obliged_unit
from fenhe_hub.console.asking import Answer, Asked, GoTo, Page, Reach, Route, staff_of
from fenhe_hub.console.finding_rows import OPEN, FindingRows
from fenhe_hub.console.table import View
from fenhe_hub.console.unit_names import UnitNames
from fenhe_hub.index.read import unit_with_code
from fenhe_hub.office import measures
from fenhe_hub.office.letter_text import PLACES, templates
from fenhe_hub.office.measure_preview import preview
from fenhe_hub.office.proposal import ALWAYS_PUBLIC, NEVER_PUBLIC, Proposal
from fenhe_hub.office.roles import Permission
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import FenheError, RequestError

_MOST = 200
NEVER_GROUND = ("D5", "D11")  # alarms and advice: of them a unit is told otherwise
_TEXTS = ("reason", "title", "text", "answer_by", "deadline", "until")
_NOTES = {
    **{kind: "总是公开" for kind in ALWAYS_PUBLIC},
    **{kind: "只给单位" for kind in NEVER_PUBLIC},
    **{kind: "针对一台通用仪器，须有“较差”的最终评价结果" for kind in ON_ITEMS},
}


def show(asked: Asked) -> Answer:
    """The form, with the unit's open findings to choose from."""
    chosen = asked.query.getall("finding", [])
    told = {"kind": asked.query.get("kind", Kind.REMINDER), "findings": chosen}
    return Page("console/measure_propose.html", _context(asked, told))


def propose(asked: Asked) -> Answer:
    """Propose it, or show it as it would be said."""
    form = asked.form
    told: dict[str, Any] = {name: form.fields.get(name, "").strip() for name in _TEXTS}
    told |= {"kind": form.text("kind"), "findings": form.all("finding")}
    told |= {"public": bool(form.text("public")), "item": form.text("item")}
    office, who = asked.console.office, staff_of(asked)
    try:
        proposal = _proposal(asked.parts["unit"], told)
        if form.text("look"):
            return _form(asked, told, preview(office, proposal))
        number = measures.propose(office, who, proposal)
    except FenheError as error:
        if isinstance(error, RequestError) and error.status == 403:
            raise
        return _form(asked, told, None, error)
    return GoTo(f"/measures/{proposal.unit}/{number}", f"已提出 {number}，待主管部门决定")


def _form(asked: Asked, told: dict[str, Any], looked: Any, error: FenheError | None = None) -> Page:
    context = _context(asked, told) | {"looked": looked, "error": error}
    return Page("console/measure_propose.html", context, 422 if error else 200)


def _proposal(uscc: str, told: dict[str, Any]) -> Proposal:
    if told["kind"] not in list(Kind):
        raise RequestError("measure.item", status=422, where="kind", found=told["kind"][:40])
    kind_of, _, id_ = told["item"].partition("/")
    texts = {name: told[name] for name in _TEXTS}
    return Proposal(
        uscc,
        Kind(told["kind"]),
        tuple(told["findings"]),
        (kind_of, id_) if told["item"] else None,
        public=told["public"],
        **texts,
    )


def _context(asked: Asked, told: dict[str, Any]) -> dict[str, Any]:
    uscc = asked.parts["unit"]
    with asked.console.casework() as casework:
        listed = obliged_unit(casework.db, uscc)
    with asked.console.index() as db:
        unit = unit_with_code(db, uscc) or listed
        if unit is None:
            raise RequestError("measure.unit", status=404, where=uscc)
        rows = FindingRows(db, UnitNames.read(db), frozenset({uscc}))
        view = View({"state": "open"}, "state")
        findings = [each for each in rows.rows(view, _MOST, 0) if each.rule not in NEVER_GROUND]
    return {
        "unit": unit,
        "has_node": unit is not listed,
        "findings": findings,
        "told": {**dict.fromkeys(_TEXTS, ""), "item": "", "public": False} | told,
        "kinds": {kind.value: KIND_LABELS[kind][0] for kind in Kind},
        "notes": {KIND_LABELS[kind][0]: note for kind, note in _NOTES.items()},
        "bars": [KIND_LABELS[kind][0] for kind in BARS],
        "templates": templates(),
        "places": PLACES,
        "today": date_at(asked.now),
        "looked": None,
        "error": None,
        "states": {state: state_label(state).zh for state in OPEN},
    }


ROUTES = (
    Route("GET", "/measures/propose/{unit}", show, Permission.PROPOSE, Reach.UNIT),
    Route("POST", "/measures/propose/{unit}", propose, Permission.PROPOSE, Reach.UNIT),
)
