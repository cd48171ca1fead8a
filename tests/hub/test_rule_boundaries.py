"""Each rule at its boundary, one working day before it and one after; bands at their floors."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.facts import (
    LogFacts,
    Moment,
    Outage,
    Probe,
    Refusal,
    ResourceFacts,
    Review,
    Submission,
    UnitFacts,
)
from fenhe_hub.rules.finding import Clock, Finding, State
from fenhe_hub.rules.functions import JUDGES
from fenhe_hub.rules.obligation import Obligation, band_of, obligation_of
from fenhe_protocol.workdays import Calendar
from tests.hub.rule_worlds import COMPLETE, LOG, NOW, REGIMES, USCC, VOLUNTARY, duty

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


@pytest.mark.parametrize(("today", "state"), OPEN)
def test_d1_what_is_not_submitted_is_late_one_working_day_after(today: date, state: State) -> None:
    found = the("submission", unit(record("instrument", (LACKING, START))), at(today), "instrument")
    assert (found.state, found.due) == (state, DUE)
    assert found.since == (DUE if state is State.OVERDUE else None)


@pytest.mark.parametrize(("delivered", "state"), DONE)
@pytest.mark.parametrize("kind", ["instrument", "installation"])
def test_d1_what_is_submitted_counts_by_its_receipt(
    kind: str, delivered: date, state: State
) -> None:
    facts = unit(record(kind, (ACCEPTED, delivered)))
    assert the("submission", facts, at(date(2026, 11, 23)), kind).state is state


@pytest.mark.parametrize(
    ("delivered", "state"),
    [
        (date(2026, 9, 30), State.MET),
        (date(2026, 10, 1), State.MET),
        (date(2026, 10, 2), State.OVERDUE),
    ],
)
def test_d1_counts_calendar_days_where_the_rule_set_says_so(delivered: date, state: State) -> None:
    facts = unit(record("instrument", (ACCEPTED, delivered)))
    found = the("submission", facts, at(AFTER), "instrument", day_kind="calendar")
    assert (found.state, found.due) == (state, date(2026, 10, 1))
    assert found.clock == Clock(START, 30, "calendar")


@pytest.mark.parametrize(
    ("accepted", "state"),
    [
        ("2015-12-31", State.NOT_APPLICABLE),
        ("2016-01-01", State.OVERDUE),
        ("2016-01-04", State.OVERDUE),
    ],
)
def test_d1_holds_from_the_first_day_on(accepted: str, state: State) -> None:
    facts = unit(record("instrument", ({**LACKING, "accepted_on": accepted}, None)))
    assert the("submission", facts, at(AFTER), "instrument").state is state


@pytest.mark.parametrize(
    ("told", "refused", "state"),
    [
        (ACCEPTED, True, State.MET),
        (LACKING, True, State.OVERDUE),
        (ACCEPTED, False, State.MET),
    ],
)
def test_d1_a_refused_record_counts_if_it_had_the_four_points(
    told: Mapping[str, Any], refused: bool, state: State
) -> None:
    late = Submission(1, ACCEPTED, AFTER)
    resource = record("instrument", (ACCEPTED, None))
    leaves = (Submission(0, told, BEFORE, refused), late)
    found = the("submission", unit(replace(resource, submissions=leaves)), at(AFTER), "instrument")
    assert found.state is state


def test_d1_an_outage_over_the_due_day_is_added_and_nothing_else_is() -> None:
    evening = int(datetime.combine(DUE, time(20), CHINA).timestamp())
    down = Outage(evening, evening + 2 * 86_400)
    facts = unit(record("instrument", (LACKING, START)))
    found = the("submission", facts, at(date(2026, 10, 21), down), "instrument")
    assert (found.state, found.due) == (State.DUE, date(2026, 10, 21))
    assert the("submission", facts, at(date(2026, 10, 22), down), "instrument").state is (
        State.OVERDUE
    )


@pytest.mark.parametrize(("today", "state"), OPEN)
@pytest.mark.parametrize("kind", ["instrument", "installation", "centre", "service_unit", "base"])
def test_d2_each_kind_has_its_days_from_the_first_receipt(
    kind: str, today: date, state: State
) -> None:
    facts = unit(record(kind, ({"name_zh": "示例"}, START)))
    found = the("completeness", facts, at(today), kind)
    assert (found.state, found.due) == (state, DUE)


@pytest.mark.parametrize(("today", "state"), OPEN)
def test_d2_the_units_regimes_are_due_from_the_day_of_enrolment(today: date, state: State) -> None:
    facts = unit(unit_record=None, enrolled_on=START)
    found = the("completeness", facts, at(today), "unit")
    assert (found.state, found.due) == (state, DUE)
    assert all(word in found.todo.zh for word in ("开放", "运行", "维护", "使用"))
    told = replace(unit(), enrolled_on=START)
    assert the("completeness", told, at(today), "unit").state is State.MET


def test_d2_usage_alone_is_due_after_the_quarter_in_which_a_record_came() -> None:
    facts = unit(record("instrument", (COMPLETE, START)), summarised=frozenset())
    ends = CALENDAR.add_working_days(date(2026, 9, 30), 30).on
    for day, state in ((ends, State.DUE), (ends + timedelta(days=1), State.OVERDUE)):
        found = the("completeness", facts, at(day), "instrument")
        assert (found.state, found.due) == (state, ends)
    assert the("completeness", replace(facts, summarised=frozenset({"A-1"})), at(ends),
               "instrument").state is State.MET  # fmt: skip


def test_d2_without_a_number_of_days_is_open_and_never_late() -> None:
    facts = unit(record("instrument", ({"name_zh": "示例"}, LONG_AGO)))
    found = the("completeness", facts, at(AFTER), "instrument", days=None)
    assert (found.state, found.due) == (State.DUE, None)


def test_d5_each_refused_body_is_a_breach_whatever_its_record_is() -> None:
    hit = Refusal(LOG, 7, "pub", "privacy", START)
    facts = unit(record(money=VOLUNTARY), refusals=(hit,))
    (found,) = findings("protection", facts, at(AFTER))
    assert (found.state, found.since, found.leads_to_measures) == (State.OVERDUE, START, False)


@pytest.mark.parametrize(
    ("yuan", "band"),
    [
        (0, "under_20"),
        (199_999, "under_20"),
        (200_000, "from_20"),
        (499_999, "from_20"),
        (500_000, "from_50"),
        (1_999_999, "from_50"),
        (2_000_000, "from_200"),
    ],
)
def test_d7_bands_are_half_open_and_judged_in_yuan(yuan: int, band: str) -> None:
    assert band_of(yuan) == band
    year = ResourceFacts("unit_year", "2025", LOG, {"year": 2025, f"eligible_{band}": 1}, {})
    facts = unit(record(money=duty(yuan)), year)
    states = {f.id: f.state for f in findings("scope", facts, at(AFTER)) if f.kind == "band"}
    assert states == ({} if band == "under_20" else {band: State.MET})


@pytest.mark.parametrize(
    ("today", "by", "state"),
    [
        (BEFORE, DUE, State.DUE),
        (DUE, DUE, State.DUE),
        (AFTER, DUE, State.OVERDUE),
        (AFTER, None, State.DUE),
    ],
)
def test_d7_what_is_declared_and_not_shown_is_late_after_the_census(
    today: date, by: date | None, state: State
) -> None:
    facts = unit(record(), declared={"from_20": 2})
    found = the("scope", facts, at(today), "band", census_by=by)
    assert (found.state, found.due) == (state, by)
    assert "1台套" in found.todo.zh


def test_d7_what_has_no_value_may_be_what_is_lacking() -> None:
    facts = unit(record(money={"funds": ["local"]}), declared={"from_20": 1})
    found = the("scope", facts, at(AFTER), "band", census_by=DUE)
    assert found.state is State.UNKNOWN
    silent = findings("scope", unit(record()), at(AFTER))
    assert [(f.kind, f.state) for f in silent] == [("unit", State.UNKNOWN)]


def plan(told: Mapping[str, Any], money: Mapping[str, Any] | None = None) -> ResourceFacts:
    return record("purchase_plan", (told, START), money=money)


@pytest.mark.parametrize(("today", "state"), OPEN)
def test_d10_an_opening_plan_is_late_where_a_number_of_days_is_set(
    today: date, state: State
) -> None:
    found = the("opening_plan", unit(plan({})), at(today), "purchase_plan", days=30)
    assert (found.state, found.due) == (state, DUE)


@pytest.mark.parametrize(
    ("told", "reviews", "money", "state"),
    [
        ({}, (), duty(), State.DUE),
        ({"opening_plan": "开放"}, (), duty(), State.UNKNOWN),
        ({"opening_plan": "开放"}, (Review("1", "A-1"),), duty(), State.MET),
        ({"opening_plan": "开放"}, (Review("9", "A-9"),), duty(), State.UNKNOWN),
        (
            {"opening_plan": "开放"},
            (Review("1"),),
            {**duty(), "review_decision_no": "1"},
            State.MET,
        ),
        (
            {"opening_plan": "开放"},
            (Review("1", "A-1", START, supported=False),),
            duty(),
            State.NOT_APPLICABLE,
        ),
        (
            {"opening_plan": "开放", "status": "procured"},
            (Review("1", "A-1", START, supported=False),),
            duty(),
            State.OVERDUE,
        ),
        ({"status": "withdrawn"}, (), duty(), State.NOT_APPLICABLE),
        ({}, (), VOLUNTARY, State.NOT_APPLICABLE),
        ({}, (), {}, State.UNKNOWN),
    ],
)
def test_d10_the_review_is_a_fact_of_the_hub(
    told: Mapping[str, Any], reviews: tuple[Review, ...], money: Mapping[str, Any], state: State
) -> None:
    facts = unit(plan(told, money), reviews=reviews)
    assert the("opening_plan", facts, at(AFTER), "purchase_plan").state is state


@pytest.mark.parametrize(
    ("credited", "state"),
    [(True, State.MET), (False, State.NOT_APPLICABLE), (None, State.UNKNOWN)],
)
def test_d11_is_advice_whatever_is_said(credited: bool | None, state: State) -> None:
    told = {} if credited is None else {"credited": credited}
    found = the("credit", unit(record("outcome", (told, START))), at(AFTER), "outcome")
    assert (found.state, found.leads_to_measures) == (state, False)


@pytest.mark.parametrize(("seconds", "state"), [(0, State.MET), (1, State.OVERDUE)])
def test_d12_is_missed_one_second_after_the_promised_hours(seconds: int, state: State) -> None:
    log = LogFacts(LOG, 3, NOW - 24 * 3600 - seconds, 3, 0, False)
    found = the("life", unit(logs=(log,)), Moment(NOW, AFTER), "unit")
    assert found.state is state


@pytest.mark.parametrize(("seconds", "state"), [(0, State.DUE), (1, State.OVERDUE)])
def test_d12_a_node_that_never_came_is_late_by_its_enrolment(seconds: int, state: State) -> None:
    facts = unit(enrolled_at=NOW - 24 * 3600 - seconds)
    found = the("life", facts, Moment(NOW, AFTER), "unit")
    assert found.state is state
    down = Moment(NOW, AFTER, (Outage(NOW - 7200, NOW - 60),))
    assert the("life", facts, down, "unit").state is State.DUE


@pytest.mark.parametrize(("today", "state"), OPEN)
def test_d12_an_address_that_does_not_answer_is_late_where_days_are_set(
    today: date, state: State
) -> None:
    probe = Probe("instrument", "A-1", "booking_url", "https://u1.example/b", START)
    facts = unit(record(), probes=(probe,))
    assert the("life", facts, at(today), "address", probe_days=30).state is state
    assert the("life", facts, at(today), "address").state is State.DUE
    answered = unit(record(), probes=(replace(probe, failing_since=None),))
    assert the("life", answered, at(today), "address", probe_days=30).state is State.MET


@pytest.mark.parametrize(
    ("kind", "money", "expected"),
    [
        ("instrument", duty(199_999), Obligation.VOLUNTARY),
        ("instrument", duty(200_000), Obligation.DUTY),
        ("instrument", duty(200_001), Obligation.DUTY),
        ("installation", {"funds": ["central"]}, Obligation.DUTY),
        ("installation", {}, Obligation.UNKNOWN),
        ("centre", {}, Obligation.DUTY),
        ("base", {"funds": ["own"]}, Obligation.VOLUNTARY),
        ("platform_resource", {"funds": ["local"]}, Obligation.DUTY),
        ("purchase_plan", {"estimated_yuan": 200_000, "funds": ["local"]}, Obligation.DUTY),
        ("purchase_plan", {"estimated_yuan": 199_999, "funds": ["local"]}, Obligation.VOLUNTARY),
        ("unit_year", duty(), Obligation.INELIGIBLE),
    ],
)
def test_the_line_is_for_single_instruments_and_private_money_is_voluntary(
    kind: str, money: Mapping[str, Any], expected: Obligation
) -> None:
    found = obligation_of(ResourceFacts(kind, "A-1", LOG, {}, money), parameters("submission"))
    assert found is expected
