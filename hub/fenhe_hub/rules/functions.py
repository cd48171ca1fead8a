"""The functions that a rule set may name, each with the forms of its parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fenhe_hub.rules import d1, d2, d3, d4, d5, d6, d7, d8, d9, d10, d11, d12
from fenhe_hub.rules.facts import Moment, UnitFacts
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.parameters import Forms
from fenhe_protocol.workdays import Calendar

Judge = Callable[[UnitFacts, Mapping[str, Any], Moment, Calendar], Iterator[Finding]]


@dataclass(frozen=True)
class RuleFunction:
    """A judge, and which parameters it takes."""

    judge: Judge
    parameters: Forms


FUNCTIONS: Mapping[str, RuleFunction] = {
    "submission": RuleFunction(d1.judge_submission, d1.PARAMETERS),
    "completeness": RuleFunction(d2.judge_completeness, d2.PARAMETERS),
    "freshness": RuleFunction(d3.judge_freshness, d3.PARAMETERS),
    "fees": RuleFunction(d4.judge_fees, d4.PARAMETERS),
    "protection": RuleFunction(d5.judge_protection, d5.PARAMETERS),
    "plausibility": RuleFunction(d6.judge_plausibility, d6.PARAMETERS),
    "scope": RuleFunction(d7.judge_scope, d7.PARAMETERS),
    "signs": RuleFunction(d8.judge_signs, d8.PARAMETERS),
    "feedback": RuleFunction(d9.judge_feedback, d9.PARAMETERS),
    "opening_plan": RuleFunction(d10.judge_plans, d10.PARAMETERS),
    "credit": RuleFunction(d11.judge_credit, d11.PARAMETERS),
    "life": RuleFunction(d12.judge_life, d12.PARAMETERS),
}

JUDGES: Mapping[str, Judge] = {name: each.judge for name, each in FUNCTIONS.items()}
