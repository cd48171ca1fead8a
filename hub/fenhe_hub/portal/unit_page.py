"""The page of a unit: one line of state, what is due and what to do, records, refusals."""

from collections.abc import Iterable
from typing import Any

from fenhe_hub.api.judgement_shapes import FindingItem
from fenhe_hub.api.judgements import STATES, list_findings, list_refusals
from fenhe_hub.api.labels import RESOURCE_KINDS, kind_label
from fenhe_hub.api.operation import LARGEST_PAGE, Asked, sub_asked
from fenhe_hub.api.parameters import Value
from fenhe_hub.api.resources import list_resources
from fenhe_hub.api.units import one_unit
from fenhe_hub.index.figures import records_of_unit
from fenhe_hub.portal.values import field_names, shown_fields

_HEAD = frozenset({"name_zh", "name_en", "type"})
SHOWN_RECORDS = 20


def show_unit(asked: Asked) -> dict[str, Any]:
    """Everything the page of a unit shows."""
    detail = one_unit(asked)
    code, unit_no = detail.unit.uscc, asked.unit().unit_no
    findings = list_findings(
        sub_asked(asked, {"unit": code, "state": "all", "sort": "state", "limit": LARGEST_PAGE})
    )
    refused = list_refusals(sub_asked(asked, {"uscc": code, "limit": LARGEST_PAGE}))
    listed: dict[str, Value | None] = {
        "unit": code,
        "sort": "name",
        "limit": SHOWN_RECORDS,
        "facets": True,
    }
    names = frozenset(field_names("unit")) - _HEAD
    kinds = records_of_unit(asked.db, unit_no)
    return {
        "detail": detail,
        "unit": detail.unit,
        "open": [each for each in findings.items if each.state in STATES[:4]],
        "closed": _counted(each for each in findings.items if each.state in STATES[4:]),
        "findings": findings,
        "refused": refused,
        "records": list_resources(sub_asked(asked, listed)),
        "others": [
            (kind_label(kind), count)
            for kind, count in kinds.items()
            if kind not in (*RESOURCE_KINDS, "unit")
        ],
        "about": shown_fields("unit", detail.record, names),
    }


def _counted(findings: Iterable[FindingItem]) -> dict[tuple[str, str, str], int]:
    """(rule, its name, state) → how many: what asks for nothing is told in one line each."""
    counts: dict[tuple[str, str, str], int] = {}
    for each in findings:
        key = (each.rule, each.rule_name, each.state)
        counts[key] = counts.get(key, 0) + 1
    return counts
