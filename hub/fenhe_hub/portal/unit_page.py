"""The page of a unit: one line of state, what is due and what to do, records, refusals."""

from typing import Any

from fenhe_hub.api.accusations import list_accusations
from fenhe_hub.api.judgement_shapes import FindingPage
from fenhe_hub.api.judgements import OPEN_STATES, list_findings, list_refusals
from fenhe_hub.api.labels import RESOURCE_KINDS, kind_label
from fenhe_hub.api.operation import Asked, sub_asked
from fenhe_hub.api.parameters import Value
from fenhe_hub.api.resources import list_resources
from fenhe_hub.api.units import one_unit
from fenhe_hub.index.figures import records_of_unit
from fenhe_hub.portal.values import field_names, shown_fields

_HEAD = frozenset({"name_zh", "name_en", "type"})
SHOWN = 20  # of each list; the rest is one link away


def show_unit(asked: Asked) -> dict[str, Any]:
    """Everything the page of a unit shows."""
    detail, unit_no = one_unit(asked), asked.unit().unit_no
    code = detail.unit.uscc
    refused = list_refusals(sub_asked(asked, {"uscc": code, "limit": SHOWN}))
    listed: dict[str, Value | None] = {"unit": code, "sort": "name", "facets": True}
    names = frozenset(field_names("unit")) - _HEAD
    return {
        "detail": detail,
        "unit": detail.unit,
        "open": _findings(asked, code, "open"),
        "closed": _closed(_findings(asked, code, "all")),
        "refused": refused,
        "records": list_resources(sub_asked(asked, {**listed, "limit": SHOWN})),
        "others": [
            (kind_label(kind), count)
            for kind, count in records_of_unit(asked.db, unit_no).items()
            if kind not in (*RESOURCE_KINDS, "unit")
        ],
        "evidence": list_accusations(sub_asked(asked, {"uscc": code})).items,
        "about": shown_fields("unit", detail.record, names),
    }


def _findings(asked: Asked, code: str, state: str) -> FindingPage:
    values: dict[str, Value | None] = {
        "unit": code,
        "state": state,
        "sort": "state",
        "limit": SHOWN,
    }
    return list_findings(sub_asked(asked, values))


def _closed(findings: FindingPage) -> list[tuple[str, str, int]]:
    """(rule, state, how many) of what asks for nothing."""
    return [
        (rule, state, count)
        for rule, states in findings.counts.items()
        for state, count in states.items()
        if state not in OPEN_STATES
    ]
