"""D7, D10, D11, D12 and the line of value at their boundaries."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fenhe_hub.rules.facts import (
    LogFacts,
    Moment,
    Outage,
    Probe,
    ResourceFacts,
    Review,
    Submission,
)
from fenhe_hub.rules.finding import Evidence, State
from fenhe_hub.rules.obligation import Obligation, band_of, obligation_of
from tests.hub.rule_cases import (
    AFTER,
    BEFORE,
    DUE,
    OPEN,
    START,
    at,
    findings,
    parameters,
    record,
    the,
    unit,
)
from tests.hub.rule_worlds import LOG, NOW, VOLUNTARY, duty


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
    unseen = unit(record(), probes=(replace(probe, looked_on=DUE),))
    assert the("life", unseen, at(today), "address", probe_days=30).state is State.DUE
    later = unit(record(), probes=(replace(probe, counted_from=START + timedelta(days=7)),))
    assert the("life", later, at(today), "address", probe_days=30).state is State.DUE


def test_d12_an_address_of_the_unit_itself_is_the_units_to_keep() -> None:
    own = ResourceFacts("unit", "U", LOG, {}, {}, (Submission(4, {}, START),))
    probe = Probe("unit", "U", "regime_use.url", "https://u1.example/rules", START)
    found = the("life", unit(record(), unit_record=own, probes=(probe,)), at(AFTER), "address")
    assert (found.state, found.obligation) == (State.DUE, Obligation.DUTY)
    assert found.evidence == (Evidence(LOG, 4),)


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
