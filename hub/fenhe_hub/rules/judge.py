"""Lay a rule set over the facts of a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fenhe_hub.rules.d1 import judge_submission
from fenhe_hub.rules.d2 import judge_completeness
from fenhe_hub.rules.d5 import judge_protection
from fenhe_hub.rules.d12 import judge_life
from fenhe_hub.rules.facts import Moment, UnitFacts
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.errors import SetupError
from fenhe_protocol.workdays import Calendar

Judge = Callable[[UnitFacts, Mapping[str, Any], Moment, Calendar], Iterator[Finding]]

JUDGES: Mapping[str, Judge] = {
    "submission": judge_submission,
    "completeness": judge_completeness,
    "protection": judge_protection,
    "life": judge_life,
}


def judge_unit(
    unit: UnitFacts, rules: RuleSet, moment: Moment, calendar: Calendar
) -> Iterator[Finding]:
    """Yield what every rule in force says of one unit. Raises SetupError on an unknown function."""
    for rule in rules.in_force(moment.today):
        judge = JUDGES.get(rule.function)
        if judge is None:
            raise SetupError(
                "rules.function",
                where=rule.rule,
                expected=", ".join(sorted(JUDGES)),
                found=rule.function,
            )
        yield from judge(unit, rule.parameters, moment, calendar)
