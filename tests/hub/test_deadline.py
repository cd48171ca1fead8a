"""The day by which something is due, where the hub was down or a year is not announced yet."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.deadline import (
    CHINA,
    Deadline,
    silent_until,
    state_at,
    working_deadline,
)
from fenhe_hub.rules.facts import LogFacts, Moment, Outage, UnitFacts
from fenhe_hub.rules.finding import State
from fenhe_hub.rules.judge import judge_unit
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


def test_no_outage_counts_against_a_silence_that_another_moved_into_it() -> None:
    hour, begun = 3600, MOMENT.now - 41 * 3600
    outages = tuple(Outage(begun + a * hour, begun + b * hour) for a, b in ((30, 40), (10, 20)))
    assert silent_until(begun, 24 * hour, outages) == begun + 44 * hour
    assert silent_until(begun, 24 * hour, outages[1:]) == begun + 34 * hour
    assert silent_until(begun + 15 * hour, 24 * hour, outages[1:]) == begun + 44 * hour
    assert silent_until(begun, 24 * hour, outages[:1]) == begun + 24 * hour


def test_a_sign_of_life_is_missed_only_once_all_those_outages_are_added(calendar: Calendar) -> None:
    begun = MOMENT.now - 41 * 3600
    log = LogFacts("u1.example/fenhe/catalogue", 3, begun, 3, 0, False)
    unit = UnitFacts("1", "示例大学", date(2026, 1, 1), 24, None, logs=(log,))
    outages = tuple(Outage(begun + a * 3600, begun + b * 3600) for a, b in ((10, 20), (30, 40)))
    for some, state in ((outages, State.MET), (outages[:1], State.OVERDUE)):
        found = judge_unit(unit, load_rules(), replace(MOMENT, outages=some), calendar)
        assert next(each.state for each in found if each.rule == "D12") is state
