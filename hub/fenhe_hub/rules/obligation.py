"""Whether opening a record is a duty or an invitation (policy 一(四)).

It follows the item's money and value, not the type of its unit; of defence research units alone
the policy asks nothing, it encourages (鼓励国防科研单位在不涉密条件下开展).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from fenhe_hub.rules.facts import ResourceFacts, UnitFacts


class Obligation(StrEnum):
    """Duty, invitation, out of scope, or not to be told from what the record says."""

    DUTY = "duty"
    VOLUNTARY = "voluntary"
    INELIGIBLE = "ineligible"
    UNKNOWN = "unknown"


OBLIGATION_LABELS: dict[Obligation, tuple[str, str]] = {
    Obligation.DUTY: ("义务", "duty"),
    Obligation.VOLUNTARY: ("自愿", "voluntary"),
    Obligation.INELIGIBLE: ("不在范围", "out of scope"),
    Obligation.UNKNOWN: ("无法判断", "unknown"),
}

BAND_FLOORS = {"under_20": 0, "from_20": 200_000, "from_50": 500_000, "from_200": 2_000_000}

# The policy names these whatever they cost; only the single instrument has a line.
_WITHOUT_LINE = {
    *("installation", "centre", "service_unit", "base", "platform", "platform_resource"),
}
_FUNDS_DECIDE = {"installation", "purchase_plan", "instrument"}
_NO_RESOURCES = {"unit", "unit_year", "usage_summary", "fee_standard", "outcome", "notice_reply"}


def obligation_of(resource: ResourceFacts, parameters: Mapping[str, Any]) -> Obligation:
    """Judge one record by `line_yuan`, `public_funds` and `base_carriers` of the rule set."""
    if resource.kind in _NO_RESOURCES:
        return Obligation.INELIGIBLE
    if resource.encouraged:
        return Obligation.VOLUNTARY
    carrier = resource.public.get("carrier") or {}
    if carrier.get("kind") in parameters["base_carriers"]:
        return Obligation.DUTY
    lined = resource.kind not in _WITHOUT_LINE
    floor = value_floor(resource)
    if lined and floor is not None and floor < parameters["line_yuan"]:
        return Obligation.VOLUNTARY
    funds = resource.supervised.get("funds")
    if funds and not set(funds) & set(parameters["public_funds"]):
        return Obligation.VOLUNTARY
    if (lined and floor is None) or (not funds and resource.kind in _FUNDS_DECIDE):
        return Obligation.UNKNOWN
    return Obligation.DUTY


def obligation_of_unit(
    resources: Iterable[ResourceFacts], parameters: Mapping[str, Any]
) -> Obligation:
    """What a unit owes as such: nothing but an invitation where all that it has is voluntary.

    A unit that says nothing is not excused by its silence.
    """
    found = {obligation_of(each, parameters) for each in resources} - {Obligation.INELIGIBLE}
    return Obligation.VOLUNTARY if found == {Obligation.VOLUNTARY} else Obligation.DUTY


def with_encouragement(unit: UnitFacts) -> UnitFacts:
    """The same unit, its records marked where the policy only encourages it: defence research."""
    if unit.unit_record is None or unit.unit_record.public.get("type") != "defence":
        return unit
    return replace(unit, resources=tuple(replace(r, encouraged=True) for r in unit.resources))


def value_floor(resource: ResourceFacts) -> int | None:
    """Return the value in yuan, or the floor of its half-open band, or nothing."""
    for name in ("value_yuan", "estimated_yuan"):
        if (value := resource.supervised.get(name)) is not None:
            return int(value)
    return BAND_FLOORS.get(resource.public.get("value_band", ""))


def band_of(yuan: int) -> str:
    """The half-open band in which a value lies: [0, 20) [20, 50) [50, 200) [200, ∞) 万元."""
    return max((floor, band) for band, floor in BAND_FLOORS.items() if floor <= yuan)[1]
