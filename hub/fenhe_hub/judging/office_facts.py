"""What the office has on units and rules look at: reviews, census, evaluations, complaints."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import orjson

from fenhe_hub.casework.book import open_casework
from fenhe_hub.casework.complaints import handed_to_units
from fenhe_hub.casework.evaluations import evaluations
from fenhe_hub.casework.obliged import obliged_units
from fenhe_hub.casework.reviews import Review, reviews
from fenhe_hub.home import Home
from fenhe_hub.judging.outside_facts import outside_digests
from fenhe_hub.rules.facts import UnitFacts
from fenhe_hub.rules.usage_facts import Complaint, Evaluation

AddFacts = Callable[[UnitFacts], UnitFacts]


@dataclass(frozen=True)
class _Registered:
    """What the office has on one unit."""

    reviews: tuple[Review, ...] = ()
    declared: Mapping[str, int] = field(default_factory=dict)
    evaluations: tuple[Evaluation, ...] = ()
    complaints: tuple[Complaint, ...] = ()


def office_facts(home: Home) -> AddFacts:
    """A function that adds to a unit's facts what the office has on it; reads the casework once."""
    of_unit = _by_unit(home)

    def add(unit: UnitFacts) -> UnitFacts:
        found = of_unit.get(unit.uscc)
        if found is None:
            return unit
        facts = tuple(each.as_fact() for each in found.reviews)
        return replace(
            unit,
            reviews=facts,
            declared=found.declared,
            evaluations=found.evaluations,
            complaints=found.complaints,
        )

    return add


def facts_digests(home: Home) -> dict[str, str]:
    """For each unit of which there are facts beside its logs a digest of them, by its code.

    They are what the office registered, and what was seen of its addresses.
    """
    office = {uscc: _digest(found) for uscc, found in _by_unit(home).items()}
    outside = outside_digests(home)
    return {uscc: office.get(uscc, "") + outside.get(uscc, "") for uscc in office | outside}


def _digest(found: _Registered) -> str:
    told = [[e.number, e.plan, e.decided_on, e.supported] for e in found.reviews]
    other = repr((found.evaluations, found.complaints))
    whole = orjson.dumps([told, sorted(found.declared.items()), other])
    return hashlib.sha256(whole).hexdigest()[:16]


def _by_unit(home: Home) -> dict[str, _Registered]:
    by_unit: dict[str, _Registered] = {}
    with open_casework(home) as casework:
        for unit in obliged_units(casework.db):
            if unit.counts:
                by_unit[unit.uscc] = _Registered(declared=dict(unit.counts))
        for each in reviews(casework.db):
            found = by_unit.get(each.unit, _Registered())
            by_unit[each.unit] = replace(found, reviews=(*found.reviews, each))
        for result in evaluations(casework.db):
            if result.final and (decided_on := _day(result.decided_on)) is not None:
                found = by_unit.get(result.unit, _Registered())
                told = Evaluation(result.year, result.result, decided_on, result.id)
                by_unit[result.unit] = replace(found, evaluations=(*found.evaluations, told))
        for uscc, complaints in handed_to_units(casework.db).items():
            by_unit[uscc] = replace(by_unit.get(uscc, _Registered()), complaints=complaints)
    return by_unit


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
