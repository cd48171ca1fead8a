from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.workdays import Calendar, Count, Due

CALENDAR = Calendar.load()
FIRST, LAST = date(2015, 1, 1), date(2026, 12, 31)
LISTED = st.dates(FIRST, LAST)

# Thirty working days after each start, as two independent calendars agree.
DEADLINES = {
    "2016-01-04": "2016-02-18",
    "2016-09-01": "2016-10-19",
    "2025-01-02": "2025-02-19",
    "2025-09-01": "2025-10-17",
    "2026-01-05": "2026-02-14",
    "2026-01-20": "2026-03-09",
    "2026-04-15": "2026-05-29",
    "2026-09-01": "2026-10-19",
    "2026-11-16": "2026-12-28",
}


@pytest.mark.parametrize(("start", "due"), DEADLINES.items())
def test_thirty_working_days_are_firm_in_announced_years(start: str, due: str) -> None:
    found = CALENDAR.add_working_days(date.fromisoformat(start), 30)
    assert found == Due(date.fromisoformat(due), provisional=False)


def test_a_deadline_in_a_year_not_announced_is_provisional_and_counts_weekdays() -> None:
    found = CALENDAR.add_working_days(date(2026, 11, 23), 30)
    assert found == Due(date(2027, 1, 4), provisional=True)


def test_every_listed_day_agrees_with_the_independent_calendar() -> None:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    differ = [d for d in days if CALENDAR.is_working_day(d) != chinese_calendar.is_workday(d)]
    assert differ == []
    assert CALENDAR.years == set(range(2015, 2027))


def test_a_year_that_another_calendar_may_guess_stays_provisional_until_it_is_listed() -> None:
    assert not CALENDAR.is_announced(date(2027, 6, 1))
    assert CALENDAR.add_working_days(date(2027, 5, 31), 1).provisional
    assert CALENDAR.add_working_days(date(2014, 12, 1), 1).provisional


def test_the_last_days_of_the_last_listed_year_wait_for_the_next_notice() -> None:
    assert CALENDAR.is_announced(date(2026, 12, 28))
    assert not CALENDAR.is_announced(date(2026, 12, 29))
    assert CALENDAR.is_announced(date(2025, 12, 31))


def test_the_day_after_the_start_is_day_one() -> None:
    friday = date(2026, 3, 6)
    assert CALENDAR.add_working_days(friday, 0) == Due(friday, provisional=False)
    assert CALENDAR.add_working_days(friday, 1).on == date(2026, 3, 9)


def test_a_negative_number_of_days_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        CALENDAR.add_working_days(FIRST, -1)


def test_days_between_are_negative_once_the_end_is_past() -> None:
    assert CALENDAR.working_days_between(date(2026, 2, 13), date(2026, 2, 14)) == Count(1, False)
    assert CALENDAR.working_days_between(date(2026, 2, 14), date(2026, 2, 13)).days == -1
    assert CALENDAR.working_days_between(date(2026, 12, 1), date(2027, 1, 1)).provisional


@given(LISTED, st.integers(1, 60))
def test_a_deadline_is_a_working_day_and_the_count_leads_back(start: date, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert CALENDAR.is_working_day(due.on)
    assert CALENDAR.working_days_between(start, due.on) == Count(days, due.provisional)


@given(LISTED, st.integers(0, 40), st.integers(0, 40))
def test_deadlines_add_up(start: date, first: int, second: int) -> None:
    between = CALENDAR.add_working_days(start, first).on
    whole = CALENDAR.add_working_days(start, first + second)
    assert CALENDAR.add_working_days(between, second).on == whole.on


def test_a_table_of_ones_own_is_read_and_bad_dates_are_refused() -> None:
    own = Calendar.from_table({"2027": {"holidays": ["01-01"], "makeup": ["01-02"]}})
    assert not own.is_working_day(date(2027, 1, 1))
    assert own.is_working_day(date(2027, 1, 2))
    with pytest.raises(ValueError, match="day is out of range"):
        Calendar.from_table({"2027": {"holidays": ["02-30"], "makeup": []}})
