"""What cannot well be true of a record of the catalogue, in the platform's field names. Pure.

The norm looks at single texts; here values are held against each other and against the day. A
doubtful record is not sent until its unit has mended it: the platform would take it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fenhe_hub.upstream.outbox import doubt

DEAREST_YUAN = 10_000_000_000
YEAR_MINUTES = 366 * 24 * 60

_DATES = {
    "centre": {"establish": "established_on", "beginDate": "in_service_on"},
    "installation": {"beginDate": "accepted_on"},
    "instrument": {"beginDate": "booked_on"},
    "customs": {"importDate": "customs.released_on"},
}
# (the platform's name, what may not be more than the other)
_PARTS = {
    "instrument": (("serviceMachine", "declared_service_minutes", "declared_run_minutes"),),
    "unit_year": (
        ("submittedRates", "registered_items", "eligible_items"),
        ("activatedRates", "running_items", "registered_items"),
        ("totalShareRates", "shared_items", "eligible_items"),
        ("externalShareRates", "externally_shared_items", "shared_items"),
        ("billWorthInstr", "external_income_fen", "income_fen"),
        ("instrNum", "instruments_from_50", "eligible_items"),
    ),
}


def implausible(kind: str, record: Mapping[str, Any], today: str) -> list[str]:
    """Name each field that cannot well be true; `today` is an ISO date. No value is quoted."""
    return [doubt(f"{name} {why}") for name, why in _found(kind, record, today)]


def _found(kind: str, record: Mapping[str, Any], today: str) -> Iterator[tuple[str, str]]:
    for name, path in _DATES.get(kind, {}).items():
        if str(_at(record, path) or "") > today:
            yield name, "在未来"
    for name, part, whole in _PARTS.get(kind, ()):
        if part in record and whole in record and record[part] > record[whole]:
            yield name, "大于总数"
    if kind != "customs" and record.get("value_yuan", 0) > DEAREST_YUAN:
        yield "worth", "高得不合理"
    if record.get("declared_run_minutes", 0) > YEAR_MINUTES:
        yield "runMachine", "超出一年"
    if kind == "unit_year" and f"{record.get('year', 0)}-01-01" > today:
        yield "remark", "年度在未来"


def _at(record: Mapping[str, Any], path: str) -> Any:
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
