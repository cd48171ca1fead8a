"""D7: what is eligible is in the feed, exempt with a reason, or counted in the declaration.

Policy 一(四), 二(一): 将所有符合条件的科技资源纳入平台管理. Bands are half-open, judged in yuan:
[20, 50) [50, 200) [200, ∞) 万元. What a unit declares (`unit_year`) or the authority's census
counted (`UnitFacts.declared`) is compared with its feed; older stock is measured here, not by D1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from fenhe_hub.rules.facts import Moment, ResourceFacts, UnitFacts
from fenhe_hub.rules.finding import Evidence, Finding, State, Todo
from fenhe_hub.rules.obligation import (
    Obligation,
    band_of,
    obligation_of,
    obligation_of_unit,
    value_floor,
)
from fenhe_hub.rules.parameters import DAY_OR_NONE, KINDS, Forms
from fenhe_protocol.workdays import Calendar

RULE = "D7"
BANDS: Mapping[str, str] = {
    "from_20": "20 万元至 50 万元以下",
    "from_50": "50 万元至 200 万元以下",
    "from_200": "200 万元及以上",
}
PARAMETERS: Forms = {"kinds": KINDS, "census_by": DAY_OR_NONE}


def judge_scope(
    unit: UnitFacts, parameters: Mapping[str, Any], moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Judge the declaration, then each band of which a number is known."""
    year = _last_year(unit)
    declared = declared_of(unit, year)
    duty = obligation_of_unit(unit.resources, parameters)
    evidence = (Evidence(year.origin, year.last_index, year.first_delivered_on),) if year else ()
    if not declared:
        yield Finding(
            RULE,
            State.NOT_APPLICABLE if duty is Obligation.VOLUNTARY else State.UNKNOWN,
            "unit",
            unit.uscc,
            todo=Todo(
                "在单位年度情况中填写各价值区间符合条件的台套数",
                "declare the eligible items of each band in the unit's year",
            ),
            obligation=duty,
        )
    shown, unjudged = _shown(unit, parameters)
    for band in BANDS:
        if band in declared:
            base = Finding(RULE, State.MET, "band", band, evidence=evidence, obligation=duty)
            by = parameters["census_by"]
            yield _compared(base, declared[band] - shown[band], unjudged, by, moment)


def _last_year(unit: UnitFacts) -> ResourceFacts | None:
    years = [each for each in unit.resources if each.kind == "unit_year" and _bands(each)]
    return max(years, key=lambda each: int(each.public.get("year", 0)), default=None)


def _bands(year: ResourceFacts) -> dict[str, int]:
    found = {band: year.public.get(f"eligible_{band}") for band in BANDS}
    return {band: int(value) for band, value in found.items() if value is not None}


def declared_of(unit: UnitFacts, year: ResourceFacts | None) -> Mapping[str, int]:
    """What must be there by band: the larger of the unit's own word and the authority's census."""
    own = _bands(year) if year else {}
    return {
        band: max(own.get(band, 0), unit.declared.get(band, 0))
        for band in BANDS
        if band in own or band in unit.declared
    }


def _shown(unit: UnitFacts, parameters: Mapping[str, Any]) -> tuple[Counter[str], int]:
    """How many items the feed shows in each band, and how many have no value to judge by."""
    shown: Counter[str] = Counter()
    unjudged = 0
    for resource in unit.resources:
        if resource.kind in parameters["kinds"]:
            floor, duty = value_floor(resource), obligation_of(resource, parameters)
            if floor is None:
                unjudged += 1
            elif duty is not Obligation.INELIGIBLE:
                shown[band_of(floor)] += 1
    return shown, unjudged


def _compared(
    base: Finding, lacking: int, unjudged: int, by: date | None, moment: Moment
) -> Finding:
    if lacking <= 0:
        return base
    state = State.DUE if by is None or moment.today <= by else State.OVERDUE
    zh, en = f"还有{lacking}台套（{BANDS[base.id]}）未纳入", f"{lacking} items are not in the feed"
    if unjudged and lacking <= unjudged and state is State.OVERDUE:
        state = State.UNKNOWN
    if unjudged:
        zh, en = f"{zh}；{unjudged}条记录没有原值", f"{en}; {unjudged} records have no value"
    if base.obligation is Obligation.VOLUNTARY:
        state, by = State.NOT_APPLICABLE, None
    return Finding(
        base.rule,
        state,
        base.kind,
        base.id,
        due=by,
        since=by if state is State.OVERDUE else None,
        evidence=base.evidence,
        todo=Todo(f"{zh}：补报，或更正申报数", f"{en}: publish them, or correct the declaration"),
        obligation=base.obligation,
    )
