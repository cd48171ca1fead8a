"""One unit, one record, one rule, one day: what the tables of the rules' boundaries are made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.facts import Moment, Outage, ResourceFacts, Submission, UnitFacts
from fenhe_hub.rules.finding import Finding, State
from fenhe_hub.rules.functions import JUDGES
from fenhe_protocol.workdays import Calendar
from tests.hub.rule_worlds import COMPLETE, LOG, REGIMES, USCC, duty

CALENDAR = Calendar.load()
START = date(2026, 9, 1)
BEFORE, DUE, AFTER = date(2026, 10, 16), date(2026, 10, 19), date(2026, 10, 20)
"""Thirty working days after START, by two independent calendars; a Friday, Monday and Tuesday."""
LONG_AGO = date(2020, 1, 6)


def at(day: date, *outages: Outage) -> Moment:
    noon = int(datetime.combine(day, time(12), CHINA).timestamp())
    return Moment(noon, day, outages)


def parameters(function: str, **changes: Any) -> dict[str, Any]:
    rule = next(each for each in load_rules().rules if each.function == function)
    return {**rule.parameters, **changes}


def record(
    kind: str = "instrument",
    *said: tuple[Mapping[str, Any], date | None],
    money: Mapping[str, Any] | None = None,
    refused: bool = False,
    **fields: Any,
) -> ResourceFacts:
    leaves = tuple(Submission(n, told, day, refused) for n, (told, day) in enumerate(said))
    public = {**(said[-1][0] if said else COMPLETE), **fields}
    return ResourceFacts(kind, "A-1", LOG, public, duty() if money is None else money, leaves)


def unit(*resources: ResourceFacts, **changes: Any) -> UnitFacts:
    leaf = Submission(0, REGIMES, LONG_AGO)
    told = ResourceFacts("unit", USCC, LOG, REGIMES, {}, (leaf,))
    made = UnitFacts(USCC, "示例大学", LONG_AGO, 24, told, resources)
    return replace(made, **{"summarised": frozenset({"A-1"}), **changes})


def findings(function: str, facts: UnitFacts, moment: Moment, **changes: Any) -> list[Finding]:
    return list(JUDGES[function](facts, parameters(function, **changes), moment, CALENDAR))


def the(function: str, facts: UnitFacts, moment: Moment, kind: str, **changes: Any) -> Finding:
    (found,) = [f for f in findings(function, facts, moment, **changes) if f.kind == kind]
    return found


OPEN = ((BEFORE, State.DUE), (DUE, State.DUE), (AFTER, State.OVERDUE))
DONE = ((BEFORE, State.MET), (DUE, State.MET), (AFTER, State.OVERDUE))
ACCEPTED = {**COMPLETE, "accepted_on": START.isoformat()}
LACKING = {**ACCEPTED, "function": ""}
