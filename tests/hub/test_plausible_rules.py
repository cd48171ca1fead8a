"""D6, D8 and D9 at, one before and one after every boundary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from fenhe_hub.rules.finding import Finding, State
from fenhe_hub.rules.usage_facts import Complaint, Doubt, Evaluation, InstrumentUse, Use
from tests.hub.usage_records import (
    DAY,
    DUTY,
    LOG,
    Q2,
    Q3,
    START,
    VOLUNTARY,
    at,
    findings,
    record,
    report,
    the,
    unit,
)

# D6.

GIVEN = date(2026, 10, 12)
MEND_BY = date(2026, 10, 26)
QUARTER = 92 * 24 * 60


def plausible(*, reports: Any = (), uses: Any = (), doubts: Any = (), **changes: Any) -> Finding:
    today = changes.pop("today", DAY)
    use = InstrumentUse(tuple(reports), tuple(uses), tuple(doubts))
    return the("D6", unit(record(**changes), use=use), at(today))


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"external_minutes": 60, "effective_minutes": 60}, State.MET),
        ({"external_minutes": 61, "effective_minutes": 60}, State.OVERDUE),
        ({"effective_minutes": QUARTER}, State.MET),
        ({"effective_minutes": QUARTER + 1}, State.OVERDUE),
        ({"effective_minutes": 60, "run_minutes": 60}, State.MET),
        ({"effective_minutes": 61, "run_minutes": 60}, State.OVERDUE),
        ({"open_minutes": QUARTER + 1}, State.OVERDUE),
        ({"nil_report": True}, State.MET),
        ({"nil_report": True, "services": 1}, State.OVERDUE),
    ],
)
def test_d6_external_is_within_effective_within_the_hours_there_are(
    cells: dict[str, Any], state: State
) -> None:
    assert plausible(reports=[report("2026-Q3", GIVEN, **cells)]).state is state


@pytest.mark.parametrize(
    ("today", "state"),
    [(MEND_BY, State.DUE), (MEND_BY + timedelta(days=1), State.OVERDUE), (GIVEN, State.DUE)],
)
def test_d6_a_contradiction_is_mended_within_the_days_set(today: date, state: State) -> None:
    wrong = report("2026-Q3", GIVEN, external_minutes=2, effective_minutes=1)
    found = plausible(reports=[wrong], today=today)
    assert (found.state, found.due) == (state, MEND_BY)


@pytest.mark.parametrize(
    ("said", "state"), [(1000, State.MET), (1050, State.MET), (1054, State.OVERDUE)]
)
def test_d6_a_summary_agrees_with_its_services_within_the_share_set(
    said: int, state: State
) -> None:
    held = Use(Q3, 10, 1000, 0, 0, LOG, 3, GIVEN, GIVEN)
    told = report("2026-Q3", GIVEN, services=10, effective_minutes=said)
    assert plausible(reports=[told], uses=[held]).state is state
    assert plausible(reports=[told]).state is State.MET  # of which we hold no services


def test_d6_a_nil_report_beside_services_is_a_contradiction() -> None:
    held = Use(Q3, 1, 0, 0, 0, LOG, 3, GIVEN, GIVEN)
    found = plausible(reports=[report("2026-Q3", GIVEN, nil_report=True)], uses=[held])
    assert found.state is State.OVERDUE


@pytest.mark.parametrize("what", ["hours", "past", "future", "overlap"])
def test_d6_services_that_cannot_be_are_named(what: str) -> None:
    assert plausible(doubts=[Doubt(what, 3, LOG, 5, GIVEN)]).state is State.OVERDUE


@pytest.mark.parametrize(
    ("accepted", "state"), [("2026-03-02", State.MET), ("2026-03-03", State.OVERDUE)]
)
def test_d6_nothing_is_accepted_after_it_was_submitted(accepted: str, state: State) -> None:
    assert plausible(accepted_on=accepted).state is state


@pytest.mark.parametrize(
    ("value", "word"), [(195_999, ""), (196_000, "原值"), (199_999, "原值"), (200_000, "")]
)
def test_d6_a_price_a_hair_under_the_line_is_shown_and_no_breach(value: int, word: str) -> None:
    found = plausible(held={"value_yuan": value, "funds": ["local"]})
    assert word in found.todo.zh if word else "原值" not in found.todo.zh
    assert not found.leads_to_measures and found.state is not State.OVERDUE


@pytest.mark.parametrize(("hours", "state"), [(500, State.MET), (501, State.UNKNOWN)])
def test_d6_many_hours_told_late_in_one_night_are_to_be_explained(hours: int, state: State) -> None:
    told = [Use(q, 5, hours * 30, 0, 0, LOG, 3, DAY, DAY) for q in (Q2, Q3)]
    assert plausible(uses=told).state is state
    before = replace(unit(record(), use=InstrumentUse(uses=tuple(told))), enrolled_on=DAY)
    assert the("D6", before, at(DAY)).state is State.MET  # what was there comes in one go


# D8.


def signs(use: InstrumentUse, **changes: Any) -> Finding:
    told = {"general_or_special": "general"} | changes.pop("public", {})
    held = changes.pop("held", DUTY)
    return the("D8", unit(record(held=held, **told), use=use, **changes), at(DAY))


def year(effective: int, external: int) -> InstrumentUse:
    cells = {"effective_minutes": effective, "external_minutes": external}
    return InstrumentUse((report("2025", GIVEN, **cells),))


LEAST = 1400 * 60 * 60 // 100


@pytest.mark.parametrize(
    ("use", "state"),
    [
        (year(LEAST, LEAST // 10), State.MET),
        (year(LEAST - 1, LEAST), State.DUE),
        (year(LEAST, LEAST // 10 - 1), State.DUE),
        (InstrumentUse(), State.UNKNOWN),
    ],
)
def test_d8_below_a_threshold_is_a_sign_and_no_ground_for_measures(
    use: InstrumentUse, state: State
) -> None:
    found = signs(use)
    assert (found.state, found.leads_to_measures, found.due) == (state, False, None)


@pytest.mark.parametrize(
    ("result", "state", "leads"), [("poor", State.OVERDUE, True), ("good", State.MET, False)]
)
def test_d8_only_a_final_poor_result_makes_a_ground_of_a_sign(
    result: str, state: State, leads: bool
) -> None:
    told = (Evaluation(2025, result, date(2026, 6, 1)),)
    found = signs(year(0, 0), evaluations=told)
    assert (found.state, found.leads_to_measures) == (state, leads)
    assert signs(year(LEAST, LEAST), evaluations=told).state is State.MET


def test_d8_special_and_voluntary_instruments_are_information() -> None:
    special = signs(year(60, 0), public={"general_or_special": "special"})
    assert special.state is State.NOT_APPLICABLE and "1小时" in special.todo.zh
    assert signs(year(0, 0), held=VOLUNTARY).state is State.NOT_APPLICABLE
    assert signs(year(0, 0), public={"general_or_special": None}).state is State.UNKNOWN


def test_d8_four_quarters_are_a_year_and_a_withheld_one_leaves_it_open() -> None:
    told = [report(f"2025-Q{n}", GIVEN, effective_minutes=LEAST // 4) for n in (1, 2, 3)]
    assert signs(InstrumentUse((*told, report("2025-Q4", GIVEN)))).state is State.UNKNOWN
    nil = report("2025-Q4", GIVEN, nil_report=True)
    assert signs(InstrumentUse((*told, nil))).state is State.DUE


@pytest.mark.parametrize(("opened", "state"), [(1, State.MET), (0, State.DUE)])
def test_d8_a_unit_opens_the_share_that_is_set(opened: int, state: State) -> None:
    made = [record(id_=f"A-{n}", share_mode="external" if n <= opened else "none") for n in (1, 2)]
    found = findings("D8", unit(*made), at(DAY), opening_per_cent=50)
    assert found[0].kind == "unit" and found[0].state is state


# D9.


@pytest.mark.parametrize(
    ("answered", "today", "state"),
    [
        (date(2026, 11, 6), DAY, State.MET),
        (date(2026, 11, 7), DAY, State.OVERDUE),
        (None, date(2026, 11, 6), State.DUE),
        (None, date(2026, 11, 7), State.OVERDUE),
    ],
)
def test_d9_is_answered_within_the_days_set(
    answered: date | None, today: date, state: State
) -> None:
    told = unit(complaints=(Complaint("C-2026-0001", date(2026, 10, 23), answered),))
    assert the("D9", told, at(today), days=10).state is state
    assert findings("D9", told, at(today)) == []  # the policy sets no number of days


def test_d9_reallocation_is_for_the_authority() -> None:
    told = unit(complaints=(Complaint("C-2026-0002", START, about="reallocation"),))
    assert findings("D9", told, at(DAY), days=10) == []


def test_no_finding_tells_how_much_a_unit_serves() -> None:
    use = InstrumentUse(
        uses=(Use(Q2, 98765, 43_210 * 60, 0, 0, LOG, 3, DAY, DAY),),
        doubts=(Doubt("overlap", 98765, LOG, 5, GIVEN), Doubt("too_dear", 98765, LOG, 5, GIVEN)),
    )
    told = unit(record(), use=use)
    found = [each for rule in ("D4", "D6") for each in findings(rule, told, at(DAY))]
    assert len(found) == 2
    assert not [
        f for f in found for secret in ("98765", "43210") if secret in f.todo.zh + f.todo.en
    ]
