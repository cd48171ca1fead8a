"""D1, D2 and D5 at their boundaries, one working day before and one after."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from fenhe_hub.rules.deadline import CHINA
from fenhe_hub.rules.facts import (
    Outage,
    Refusal,
    ResourceFacts,
    Submission,
)
from fenhe_hub.rules.finding import Clock, State
from tests.hub.rule_cases import (
    ACCEPTED,
    AFTER,
    BEFORE,
    CALENDAR,
    DONE,
    DUE,
    LACKING,
    LONG_AGO,
    OPEN,
    START,
    at,
    findings,
    record,
    the,
    unit,
)
from tests.hub.rule_worlds import COMPLETE, LOG, REGIMES, USCC, VOLUNTARY


@pytest.mark.parametrize(("today", "state"), OPEN)
def test_d1_what_is_not_submitted_is_late_one_working_day_after(today: date, state: State) -> None:
    found = the("submission", unit(record("instrument", (LACKING, START))), at(today), "instrument")
    assert (found.state, found.due) == (state, DUE)
    assert found.since == (DUE if state is State.OVERDUE else None)


@pytest.mark.parametrize(("delivered", "state"), DONE)
def test_d1_terms_of_opening_that_the_unit_tells_for_all_count_from_the_day_they_came(
    delivered: date, state: State
) -> None:
    without = {name: told for name, told in ACCEPTED.items() if name != "user_notice"}
    said: list[tuple[int, Mapping[str, Any], date]]
    said = [(3, {}, START), (7, REGIMES, delivered), (9, {}, AFTER)]  # at last taken back
    told = ResourceFacts("unit", USCC, LOG, {}, {}, tuple(Submission(*each) for each in said))
    facts = unit(record("instrument", (without, START)), unit_record=told)
    found = the("submission", facts, at(date(2026, 11, 23)), "instrument")
    assert found.state is state
    assert [(each.index, each.delivered_on) for each in found.evidence] == [
        (0, START),
        (7, delivered),
    ]


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


def test_d2_what_was_public_and_is_gone_is_a_breach_from_the_day_it_went() -> None:
    whole, gone = {**ACCEPTED, "content": "1"}, {**ACCEPTED, "function": ""}
    second = date(2026, 10, 12)
    leaves = ((gone, LONG_AGO), (whole, START), (gone, second), ({**gone, "model": "X"}, AFTER))
    found = the("completeness", unit(record("instrument", *leaves)), at(AFTER), "instrument")
    assert (found.state, found.since) == (State.OVERDUE, second)
    assert found.due is not None and found.due < START
    never = the("completeness", unit(record("instrument", leaves[0])), at(AFTER), "instrument")
    assert never.since == never.due == found.due
    told = ResourceFacts(
        "unit", USCC, LOG, {}, {}, (Submission(0, REGIMES, START), Submission(1, {}, second))
    )
    own = the("completeness", unit(unit_record=told, enrolled_on=LONG_AGO), at(AFTER), "unit")
    assert (own.state, own.since) == (State.OVERDUE, second)
