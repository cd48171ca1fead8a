"""What holds of every rule, whatever the unit: laws over all functions that a rule set may name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.facts import LogFacts, Moment, UnitFacts
from fenhe_hub.rules.finding import Finding, State
from fenhe_hub.rules.judge import JUDGES, judge_unit
from fenhe_hub.rules.obligation import Obligation, obligation_of
from fenhe_hub.rules.overlaid import Correction, Exemption, Subject
from fenhe_hub.rules.overlay import NEVER_EXEMPT, Overlays, overlay
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.workdays import Calendar
from tests.hub.rule_worlds import (
    LOG,
    MOMENT,
    MORE,
    NOW,
    TODAY,
    USCC,
    VOLUNTARY,
    disclosed_more,
    duty,
    later,
    outages,
    worlds,
)

CALENDAR = Calendar.load()
GRAVITY = {State.DUE: 1, State.PROVISIONAL: 1, State.UNKNOWN: 1, State.OVERDUE: 2}  # open; a breach
few = settings(max_examples=120, deadline=None)


def numbered() -> RuleSet:
    """The shipped rules with every number set, none of them an example."""
    shipped = load_rules()
    rules = []
    for each in shipped.rules:
        given_ = {name: _number(name) for name, value in each.parameters.items() if value is None}
        parameters: dict[str, Any] = {**each.parameters, **given_}
        rules.append(replace(each, parameters=parameters, examples=()))
    return replace(shipped, rules=tuple(rules))


def _number(name: str) -> object:
    return TODAY.replace(day=1) if name == "census_by" else 10


RULES = numbered()


def judged(unit: UnitFacts, moment: Moment = MOMENT) -> dict[tuple[str, str, str], Finding]:
    found = list(judge_unit(unit, RULES, moment, CALENDAR))
    keyed = {(each.rule, each.kind, each.id): each for each in found}
    assert len(keyed) == len(found), "a finding's id names one finding"
    return keyed


def gravity(finding: Finding) -> int:
    return GRAVITY.get(finding.state, 0)


def pairs(
    first: dict[tuple[str, str, str], Finding], then: dict[tuple[str, str, str], Finding]
) -> Iterator[tuple[Finding, Finding]]:
    return ((first[key], then[key]) for key in first.keys() & then.keys())


def test_every_function_is_in_the_rule_set_that_is_asked_here() -> None:
    assert {each.function for each in RULES.rules} == set(JUDGES)


@few
@given(worlds(), st.sets(st.sampled_from(MORE), min_size=1), outages)
def test_more_disclosure_never_worsens_a_finding(
    unit: UnitFacts, which: set[str], down: Any
) -> None:
    moment = replace(MOMENT, outages=down)
    before, after = judged(unit, moment), judged(disclosed_more(unit, which), moment)
    for first, then in pairs(before, after):
        assert gravity(then) <= gravity(first), (first, then)


@few
@given(worlds(), st.integers(1, 200), outages)
def test_time_alone_never_unbreaks_a_finding(unit: UnitFacts, days: int, down: Any) -> None:
    moment = replace(MOMENT, outages=down)
    before, after = judged(unit, moment), judged(unit, later(moment, days))
    for key, finding in before.items():
        if finding.state is State.OVERDUE:
            assert after[key].state is State.OVERDUE
            assert (after[key].due, after[key].since) == (finding.due, finding.since)


@few
@given(worlds([duty()]))
def test_what_becomes_unknown_is_never_met(unit: UnitFacts) -> None:
    blank = tuple(replace(each, supervised={}) for each in unit.resources)
    undated = tuple(
        replace(each, public={k: v for k, v in each.public.items() if k != "accepted_on"})
        for each in unit.resources
    )
    before = judged(unit)
    for resources in (blank, undated):
        for first, then in pairs(before, judged(replace(unit, resources=resources))):
            if first.state in (State.OVERDUE, State.DUE) and first.rule in ("D1", "D2", "D10"):
                assert then.state is not State.MET, (first, then)


@few
@given(worlds([VOLUNTARY, duty(199_999), duty(), {}]))
def test_voluntary_records_never_lead_to_measures(unit: UnitFacts) -> None:
    shared = RULES.rules[0].parameters
    owed = {
        (each.kind, each.id)
        for each in unit.resources
        if obligation_of(each, shared) is Obligation.DUTY
    }
    kinds = {each.kind for each in unit.resources}
    only = unit.resources and all(
        obligation_of(each, shared) in (Obligation.VOLUNTARY, Obligation.INELIGIBLE)
        for each in unit.resources
    )
    has_voluntary = any(
        obligation_of(each, shared) is Obligation.VOLUNTARY for each in unit.resources
    )
    for finding in judged(unit).values():
        if finding.kind in kinds and (finding.kind, finding.id) not in owed:
            assert not finding.leads_to_measures, finding
        if only and has_voluntary:
            assert not finding.leads_to_measures, finding


@few
@given(worlds())
def test_a_defence_unit_is_encouraged_and_never_led_to_measures(unit: UnitFacts) -> None:
    assume(unit.resources and unit.unit_record)
    assert unit.unit_record is not None
    record = replace(unit.unit_record, public={**unit.unit_record.public, "type": "defence"})
    resources = tuple(each for each in unit.resources if each.kind != "outcome")
    assume(resources)
    found = judged(replace(unit, unit_record=record, resources=resources))
    assert not [each for each in found.values() if each.leads_to_measures]


@few
@given(worlds([duty()]), st.integers(1, 30), st.booleans())
def test_a_silent_node_with_the_hub_up_is_a_breach_of_the_duty_to_report(
    unit: UnitFacts, hours: int, was_there: bool
) -> None:
    silent = (unit.rhythm_hours + hours) * 3600
    log = LogFacts(LOG, 3, NOW - silent, 3, 0, False)
    unit = replace(unit, logs=(log,) if was_there else (), enrolled_at=NOW - silent)
    found = judged(unit)["D12", "unit", USCC]
    assert (found.state, found.leads_to_measures) == (State.OVERDUE, True)


@few
@given(worlds(), st.integers(-40, 40))
def test_an_exemption_covers_what_is_open_until_its_last_day(unit: UnitFacts, left: int) -> None:
    until = later(MOMENT, left).today
    told = Exemption(Subject(USCC), "示例科技厅", "示例", "示例1号", unit.enrolled_on, until)
    overlays = Overlays(exemptions=(told,))
    for finding in judged(unit).values():
        laid = overlay(finding, USCC, overlays, TODAY)
        covered = left >= 0 and finding.rule not in NEVER_EXEMPT
        assert (laid.exemption is not None) == covered
        assert not (covered and laid.leads_to_measures)
        assert laid.state == (State.EXEMPT if covered and gravity(finding) else finding.state)
        elsewhere = overlay(finding, "12140000000000027R", overlays, TODAY)
        assert elsewhere == finding


@few
@given(worlds())
def test_what_is_withdrawn_is_shown_as_no_breach_and_says_why(unit: UnitFacts) -> None:
    told = Correction(RULES.sha256, "示例：期限算错", TODAY, "K-2026-0001", "D1")
    for finding in judged(unit).values():
        laid = overlay(finding, USCC, Overlays(corrections=(told,)), TODAY)
        if finding.rule == "D1":
            assert laid.state is State.NOT_APPLICABLE and "期限算错" in laid.todo.zh
        else:
            assert laid == finding


@pytest.mark.parametrize(
    ("subject", "covered"),
    [
        (f"{USCC}/D1/instrument/a/b", True),
        (f"{USCC}/*/instrument/a/b", True),
        (f"{USCC}/D1", True),
        (USCC, True),
        (f"{USCC}/D2", False),
        (f"{USCC}/D1/instrument/a", False),
        ("12140000000000027R", False),
    ],
)
def test_a_subject_names_a_finding_a_record_a_rule_or_a_unit(subject: str, covered: bool) -> None:
    assert Subject.parse(subject).covers(USCC, "D1", "instrument", "a/b") is covered
