"""Whether opening a record is a duty or an invitation (policy 一(四)).

It follows the item's money and value, not the type of its unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from fenhe_hub.rules.facts import ResourceFacts


class Obligation(StrEnum):
    """Duty, invitation, or not to be told from what the record says."""

    DUTY = "duty"
    VOLUNTARY = "voluntary"
    UNKNOWN = "unknown"


BAND_FLOORS = {"under_20": 0, "from_20": 200_000, "from_50": 500_000, "from_200": 2_000_000}


def obligation_of(resource: ResourceFacts, parameters: Mapping[str, Any]) -> Obligation:
    """Judge one record by `line_yuan`, `public_funds` and `base_carriers` of the rule set."""
    carrier = resource.public.get("carrier") or {}
    if carrier.get("kind") in parameters["base_carriers"]:
        return Obligation.DUTY
    floor = _value_floor(resource)
    if floor is not None and floor < parameters["line_yuan"]:
        return Obligation.VOLUNTARY
    funds = resource.supervised.get("funds")
    if funds and not set(funds) & set(parameters["public_funds"]):
        return Obligation.VOLUNTARY
    if floor is None or not funds:
        return Obligation.UNKNOWN
    return Obligation.DUTY


def _value_floor(resource: ResourceFacts) -> int | None:
    """Return the value in yuan, or the floor of its half-open band, or nothing."""
    value = resource.supervised.get("value_yuan")
    if value is not None:
        return int(value)
    return BAND_FLOORS.get(resource.public.get("value_band", ""))
