"""One unit with one instrument, as the tests of the rules on use make it.

the("D3", unit(record(), use=InstrumentUse()), at(DAY))     # its finding by one rule
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.facts import Moment, Outage, ResourceFacts, Submission, UnitFacts
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.functions import JUDGES
from fenhe_hub.rules.usage_facts import InstrumentUse, Report, quarter_of
from fenhe_protocol.workdays import Calendar
from tests.hub.simulated_unit import noon

USCC = "12140000000000019W"
LOG = "u1.example/fenhe/catalogue"
DAY = date(2026, 11, 23)
START = date(2026, 4, 1)
DUTY: Mapping[str, Any] = {"value_yuan": 350_000, "funds": ["local"]}
VOLUNTARY: Mapping[str, Any] = {"value_yuan": 350_000, "funds": ["own"]}
Q2, Q3 = quarter_of(date(2026, 4, 1)), quarter_of(date(2026, 7, 1))
RULES = {rule.rule: rule for rule in load_rules().rules}


def at(day: date, *outages: Outage) -> Moment:
    return Moment(noon(day), day, outages)


def record(
    kind: str = "instrument",
    id_: str = "A-1",
    delivered: date | None = date(2026, 3, 2),
    held: Mapping[str, Any] = DUTY,
    **public: Any,
) -> ResourceFacts:
    leaf = Submission(1, public, delivered)
    return ResourceFacts(kind, id_, LOG, public, held, (leaf,))


def report(period: str, on: date | None, **cells: Any) -> Report:
    return Report(f"A-1/{period}", period, LOG, 7, on, on, cells)


def unit(*resources: ResourceFacts, use: InstrumentUse | None = None, **changes: Any) -> UnitFacts:
    made = UnitFacts(USCC, "示例大学", START - timedelta(days=90), 24, None, resources)
    usage = {"A-1": use} if use else {}
    return replace(made, usage=usage, **changes)


def findings(rule: str, told: UnitFacts, moment: Moment, **parameters: Any) -> list[Finding]:
    judge = JUDGES[RULES[rule].function]
    given = {**RULES[rule].parameters, **parameters}
    return list(judge(told, given, moment, Calendar.load()))


def the(rule: str, told: UnitFacts, moment: Moment, **parameters: Any) -> Finding:
    (found,) = findings(rule, told, moment, **parameters)
    return found
