"""D3 and D4 at, one before and one after every boundary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.facts import Moment, Outage, ResourceFacts, Submission
from fenhe_hub.rules.fees import prices
from fenhe_hub.rules.finding import Finding, State
from fenhe_hub.rules.judge import judge_unit
from fenhe_hub.rules.usage_facts import Doubt, InstrumentUse
from fenhe_protocol.workdays import Calendar
from tests.hub.simulated_unit import noon
from tests.hub.usage_records import DAY, LOG, VOLUNTARY, at, findings, record, report, the, unit

CALENDAR = Calendar.load()

# D3. The third quarter ends on 30 September; the 15th working day after it, holidays left out and
# the Saturday made up for them counted, is the 27th of October.

DUE = date(2026, 10, 27)


@pytest.mark.parametrize(
    ("reported", "today", "state"),
    [
        (DUE - timedelta(days=1), DAY, State.MET),
        (DUE, DAY, State.MET),
        (DUE + timedelta(days=1), DAY, State.OVERDUE),
        (None, DUE - timedelta(days=1), State.DUE),
        (None, DUE, State.DUE),
        (None, DUE + timedelta(days=1), State.OVERDUE),
    ],
)
def test_d3_a_quarter_is_reported_by_its_last_working_day(
    reported: date | None, today: date, state: State
) -> None:
    reports = [report("2026-Q2", date(2026, 7, 1))]
    if reported:
        reports.append(report("2026-Q3", reported, nil_report=True))
    found = the("D3", unit(record(), use=InstrumentUse(tuple(reports))), at(today))
    assert found.state is state
    assert found.state is State.MET or found.due == DUE


@pytest.mark.parametrize(
    ("delivered", "enrolled", "state"),
    [
        (date(2026, 7, 1), date(2026, 1, 1), State.OVERDUE),  # the third quarter begins that day
        (date(2026, 7, 2), date(2026, 1, 1), State.NOT_APPLICABLE),
        (date(2026, 3, 1), date(2026, 7, 1), State.OVERDUE),
        (date(2026, 3, 1), date(2026, 7, 2), State.NOT_APPLICABLE),
        (None, date(2026, 1, 1), State.NOT_APPLICABLE),
    ],
)
def test_d3_counts_from_enrolment_and_from_the_first_receipt(
    delivered: date | None, enrolled: date, state: State
) -> None:
    told = unit(record(delivered=delivered), enrolled_on=enrolled)
    assert the("D3", told, at(DAY)).state is state


def test_d3_a_year_reports_its_quarters_and_the_first_report_of_two_counts() -> None:
    reports = (
        report("2026", date(2026, 7, 10)),
        report("2026-Q2", date(2026, 9, 1)),
    )
    assert the("D3", unit(record(), use=InstrumentUse(reports)), at(DAY)).state is State.MET


def test_d3_names_every_quarter_that_is_missing_and_the_oldest_breach() -> None:
    found = the("D3", unit(record()), at(DAY))
    assert "2026-Q2、2026-Q3" in found.todo.zh
    assert found.since == date(2026, 7, 21)


def test_d3_does_not_count_days_on_which_the_hub_could_not_be_reached() -> None:
    down = Outage(noon(DUE), noon(DUE) + 3 * 86_400)
    reports = (report("2026-Q2", date(2026, 7, 1)),)
    told = unit(record(), use=InstrumentUse(reports))
    assert the("D3", told, at(DUE + timedelta(days=3), down)).state is State.DUE
    assert the("D3", told, at(DUE + timedelta(days=4), down)).state is State.OVERDUE


def test_d3_without_a_number_of_days_nothing_is_overdue() -> None:
    assert the("D3", unit(record()), at(DAY), days=None).state is State.DUE


@pytest.mark.parametrize(
    ("held", "state"), [(VOLUNTARY, State.NOT_APPLICABLE), ({}, State.UNKNOWN)]
)
def test_d3_asks_nothing_of_what_is_voluntary_and_judges_nothing_unknown(
    held: Mapping[str, Any], state: State
) -> None:
    assert the("D3", unit(record(held=held)), at(DAY)).state is state


@pytest.mark.parametrize(
    ("quarters", "today", "state"),
    [
        ((1, 2, 3, 4), DAY, State.MET),
        ((1, 2, 3), DAY, State.OVERDUE),
        ((1, 2, 3), date(2026, 1, 22), State.DUE),
        ((1, 2, 3), date(2026, 1, 23), State.OVERDUE),
        ((), date(2025, 12, 31), State.NOT_APPLICABLE),
    ],
)
def test_d3_where_years_are_asked_for_four_quarters_are_one(
    quarters: tuple[int, ...], today: date, state: State
) -> None:
    told = tuple(report(f"2025-Q{n}", date(2026, 1, 12), nil_report=True) for n in quarters)
    early = record(delivered=date(2024, 12, 2))
    made = unit(early, use=InstrumentUse(told), enrolled_on=date(2024, 12, 1))
    assert the("D3", made, at(today), period="year").state is state


# D4.


def fee(price: int, other: int = 0, **changes: Any) -> ResourceFacts:
    basis = {"materials_fen": 50, "utilities_fen": 30, "labour_fen": 20, "other_fen": other}
    line = {"no": 1, "external_fen": price, "cost_basis": basis} | changes.pop("line", {})
    return record("fee_standard", "F-1", lines=[line], **changes)


def standard(*resources: ResourceFacts, moment: Moment | None = None) -> Finding:
    found = findings("D4", unit(*resources), moment or at(DAY))
    return next(each for each in found if each.kind == "fee_standard")


@pytest.mark.parametrize(
    ("priced", "state"),
    [
        (fee(99), State.MET),
        (fee(100), State.MET),
        (fee(101), State.OVERDUE),
        (fee(101, other=1), State.UNKNOWN),  # for the authority to look at
        (fee(102, other=1), State.OVERDUE),
        (fee(100, line={"steps": [{"price_fen": 101}]}), State.OVERDUE),
        (fee(100, line={"steps": [{"percent": 100}]}), State.MET),
        (fee(100, line={"steps": [{"percent": 101}]}), State.OVERDUE),
        (fee(100, line={"small_firm_fen": 101}), State.OVERDUE),
        (fee(100, line={"cost_basis": None}), State.UNKNOWN),
        (fee(100, line={"external_fen": None}), State.UNKNOWN),
        (record("fee_standard", "F-1"), State.UNKNOWN),
    ],
)
def test_d4_a_price_is_no_more_than_materials_running_cost_and_labour(
    priced: ResourceFacts, state: State
) -> None:
    assert standard(record(fee_standards=["F-1"]), priced).state is state


def priced(*leaves: tuple[str | None, date | None, Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """(first day, fen) of the prices that leaves of a standard ask of users from outside.

    A leaf is the day from which it holds, the day on which it came, and what its line says.
    """
    said = [
        Submission(
            at,
            {"lines": [{"no": 1, "charge_unit": "hour", **line}]}
            | ({"in_force_from": start} if start else {}),
            came,
        )
        for at, (start, came, line) in enumerate(leaves)
    ]
    standard = ResourceFacts("fee_standard", "F-1", LOG, said[-1].fields, {}, tuple(said))
    return [(each.start, each.fen) for each in prices([standard]) if each.party == 1]


JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 2), date(2026, 5, 4)
CHEAP: Mapping[str, Any] = {"external_fen": 100}


@pytest.mark.parametrize(
    ("line", "told", "came", "counts_from"),
    [
        ({"external_fen": 101}, "2026-01-01", MAY, MAY),  # raised, and dated back
        ({"external_fen": 101}, "2026-05-03", MAY, MAY),
        ({"external_fen": 101}, "2026-05-04", MAY, MAY),
        ({"external_fen": 101}, "2026-05-05", MAY, date(2026, 5, 5)),  # announced before it holds
        ({"external_fen": 101}, None, MAY, MAY),
        ({"external_fen": 100}, "2026-01-01", MAY, JANUARY),  # said again
        ({"external_fen": 99}, "2026-01-01", MAY, JANUARY),  # lowered
        ({"external_fen": 99, "charge_unit": "minute"}, "2026-01-01", MAY, MAY),
        ({"external_fen": 1, "charge_unit": "minute"}, "2026-01-01", MAY, JANUARY),
        ({"external_fen": 100, "charge_quantity": 2}, "2026-01-01", MAY, MAY),  # two hours begun
        ({"external_fen": 1, "charge_unit": "element"}, "2026-01-01", MAY, MAY),  # by no measure
        ({}, "2026-01-01", MAY, MAY),  # in words: whatever was charged would agree
    ],
)
def test_d4_a_raised_price_counts_from_the_day_it_came_at_the_earliest(
    line: Mapping[str, Any], told: str | None, came: date, counts_from: date
) -> None:
    first = ("2026-01-01", MARCH, CHEAP)
    assert priced(first)[0] == (JANUARY, 100)  # the first that is said counts from when it says
    assert priced(first, (told, came, line))[1][0] == counts_from
    assert priced(first, (told, None, line)) in (  # not delivered yet: nobody can know of it
        [(JANUARY, 100)],
        [(JANUARY, 100), (counts_from, line.get("external_fen", 0))],
    )


def test_d4_what_was_lowered_may_be_raised_again_to_what_it_was() -> None:
    said = priced(
        ("2026-01-01", MARCH, CHEAP),
        ("2026-01-01", MAY, {"external_fen": 50}),
        ("2026-01-01", DAY, CHEAP),
        ("2026-01-01", DAY, {"external_fen": 101}),
    )
    assert said == [(JANUARY, 100), (JANUARY, 50), (JANUARY, 100), (DAY, 101)]


def test_d4_a_raised_price_counts_from_no_earlier_day_when_it_is_said_again() -> None:
    first, raised = ("2026-01-01", MARCH, CHEAP), {"external_fen": 101}
    said = priced(first, ("2026-05-04", MAY, raised), ("2025-01-01", DAY, raised))
    assert said == [(JANUARY, 100), (MAY, 101), (MAY, 101)]
    said = priced(first, (None, MAY, raised), (None, DAY, raised), ("2026-02-01", DAY, CHEAP))
    assert said == [(JANUARY, 100), (MAY, 101), (MAY, 101), (date(2026, 2, 1), 100)]
    corrected = priced(first, ("2025-06-01", MAY, CHEAP))  # what was never raised may be corrected
    assert corrected[1] == (date(2025, 6, 1), 100)


def test_d4_the_hubs_outage_holds_up_no_price() -> None:
    leaves = tuple(
        Submission(at, {"lines": [{"no": 1, "charge_unit": "hour", "external_fen": fen}]}, came)
        for at, (fen, came) in enumerate([(100, MARCH), (101, MAY)])
    )
    standard = ResourceFacts("fee_standard", "F-1", LOG, {}, {}, leaves)
    begun = noon(date(2026, 5, 1))
    for days, start in ((4, date(2026, 5, 1)), (2, MAY)):
        down = (Outage(begun, begun + days * 86_400),)
        found = [each for each in prices([standard], partial(tuple, down)) if each.party == 1]
        assert [each.start for each in found] == [None, start]


def test_d4_lists_other_costs_for_the_authority() -> None:
    assert "1" in standard(record(fee_standards=["F-1"]), fee(100, other=5)).todo.zh


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 12, 1), State.OVERDUE),
        (date(2026, 11, 30), State.DUE),
    ],
)
def test_d4_a_standard_breaks_the_rule_from_the_day_it_is_in_force(
    today: date, state: State
) -> None:
    priced = fee(101, in_force_from="2026-12-01")
    found = standard(record(fee_standards=["F-1"]), priced, moment=at(today))
    assert (found.state, found.due) == (state, date(2026, 12, 1))


def test_d4_what_only_voluntary_instruments_charge_is_not_judged() -> None:
    found = standard(record(fee_standards=["F-1"], held=VOLUNTARY), fee(101))
    assert (found.state, found.leads_to_measures) == (State.NOT_APPLICABLE, False)


def charged(what: str, instrument: ResourceFacts, **changes: Any) -> list[Finding]:
    use = InstrumentUse(doubts=(Doubt(what, 2, LOG, 9, date(2026, 8, 1)),))
    return findings("D4", unit(instrument, use=use, **changes), at(DAY))


@pytest.mark.parametrize("what", ["unpriced", "not_in_force", "too_dear", "unnamed"])
def test_d4_a_charge_without_its_public_price_is_a_breach(what: str) -> None:
    (found,) = charged(what, record())
    assert (found.state, found.since) == (State.OVERDUE, date(2026, 8, 1))


def test_d4_a_charge_without_a_line_is_none_beside_a_public_standard() -> None:
    public = {"fee_standards": frozenset({"F-1"})}
    assert not charged("unnamed", record(fee_standards=["F-1"]), **public)
    assert charged("unnamed", record(fee_standards=["F-2"]), **public)[0].state is State.OVERDUE
    assert charged("unnamed", record(fee_text="300元/小时"))[0].state is State.UNKNOWN
    assert charged("unnamed", record(held=VOLUNTARY))[0].state is State.NOT_APPLICABLE


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-01", "1000-01-01"])
def test_no_date_that_a_unit_can_write_stops_a_check(day: str) -> None:
    dated = record(accepted_on=day, in_service_on=day, fee_standards=["F-1"])
    told = unit(dated, fee(101, in_force_from=day, in_force_to=day))
    found = {each.rule: each.state for each in judge_unit(told, load_rules(), at(DAY), CALENDAR)}
    assert found["D1"] is (State.NOT_APPLICABLE if day < "2016" else State.PROVISIONAL)
