"""The day by which something is due, where the hub was down or a year is not announced yet."""

from datetime import date, datetime, time

import pytest

from fenhe_hub.rules.deadline import CHINA, Deadline, state_at, working_deadline
from fenhe_hub.rules.facts import Moment, Outage
from fenhe_hub.rules.finding import State
from fenhe_protocol.workdays import Calendar

MOMENT = Moment(1795392065, date(2026, 11, 23))


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar.load()


def test_an_outage_over_the_end_of_the_due_day_moves_it(calendar: Calendar) -> None:
    end = int(_noon(date(2026, 10, 19))) + 11 * 3600
    outage = Outage(end, end + 3 * 86400)
    moved = working_deadline(date(2026, 9, 1), 30, calendar, (outage,))
    assert moved.on == date(2026, 10, 22)
    before = Outage(end - 86400, end - 80000)
    assert working_deadline(date(2026, 9, 1), 30, calendar, (before,)).on == date(2026, 10, 19)


def _noon(day: date) -> float:
    return datetime.combine(day, time(12), CHINA).timestamp()


def test_only_what_was_done_before_a_provisional_day_can_fall_is_met(calendar: Calendar) -> None:
    deadline = working_deadline(date(2026, 11, 23), 30, calendar)
    assert deadline.provisional
    assert deadline.earliest < deadline.on
    assert state_at(deadline, deadline.earliest, MOMENT) is State.MET
    assert state_at(deadline, deadline.on, MOMENT) is State.PROVISIONAL
    assert state_at(deadline, None, MOMENT) is State.PROVISIONAL


def test_a_day_that_is_announced_is_its_own_earliest(calendar: Calendar) -> None:
    deadline = working_deadline(date(2026, 1, 5), 30, calendar)
    assert deadline == Deadline(date(2026, 2, 14), False, date(2026, 2, 14))
