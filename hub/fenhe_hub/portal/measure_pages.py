"""Pages of public measures: notices, rectifications, the two bar lists, and one measure."""

from functools import partial
from typing import Any

from fenhe_hub.api import measures
from fenhe_hub.api.askable import PAGED, UNIT
from fenhe_hub.api.labels import Pair
from fenhe_hub.api.operation import Asked
from fenhe_hub.casework.course import BARS, KIND_LABELS, Kind
from fenhe_hub.casework.follow_up import PROGRESS_LABELS, SHOWN_LABELS
from fenhe_hub.index.replies import states_of
from fenhe_hub.portal.pages import Page
from fenhe_hub.rules.overlaid import Subject

REPLY_LABELS = {
    "acknowledged": Pair("已签收", "acknowledged"),
    "answered": Pair("已答复", "answered"),
    "objected": Pair("有异议", "objects"),
}
_LABELS = {
    "kinds": {kind.value: Pair(*label) for kind, label in KIND_LABELS.items()},
    "states": {state: Pair(*SHOWN_LABELS[state]) for state in measures.STATES},
    "progresses": {each.value: Pair(*label) for each, label in PROGRESS_LABELS.items()},
    "replies": REPLY_LABELS,
}
_TITLES = {
    "measures": Pair("通报与措施", "Public notices and measures"),
    "rectifications": Pair("限期整改登记", "Register of rectifications"),
    **{kind.value: Pair(*KIND_LABELS[kind]) for kind in BARS},
}


def notice_list(asked: Asked) -> dict[str, Any]:
    """All public measures."""
    return _listed("measures", "/notices", measures.list_measures(asked))


def rectification_list(asked: Asked) -> dict[str, Any]:
    """The register of rectifications."""
    return _listed("rectifications", "/rectifications", measures.list_rectifications(asked))


def bar_list(kind: Kind, asked: Asked) -> dict[str, Any]:
    """Who may not buy, or not apply for equipment in a project."""
    return _listed(kind.value, f"/bars/{kind}", measures.list_barred(kind, asked))


def _listed(operation: str, path: str, page: Any) -> dict[str, Any]:
    named = {"operation": operation, "path": path, "title": _TITLES[operation]}
    return {"page": page, **named, **_LABELS}


def show_measure(asked: Asked) -> dict[str, Any]:
    """One measure: what was said, by which document, what the unit answered."""
    detail = measures.one_measure(asked)
    states = states_of(asked.db, detail.measure.findings)
    findings = [(Subject.parse(each), states[each]) for each in detail.measure.findings]
    return {"detail": detail, "measure": detail.measure, "findings": findings, **_LABELS}


MEASURE_PAGES = (
    Page("/notices", "notices.html", notice_list, (*measures.MEASURES, UNIT, *PAGED)),
    Page("/notices/{number}", "notice.html", show_measure, (measures.NUMBER,)),
    Page(
        *("/rectifications", "notices.html", rectification_list),
        (*measures.MEASURES, UNIT, *PAGED),
    ),
    *(
        Page(
            *(f"/bars/{kind}", "notices.html", partial(bar_list, kind)),
            (*measures.MEASURES, UNIT, *PAGED),
        )
        for kind in BARS
    ),
)
