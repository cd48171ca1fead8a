"""Due dates in working or calendar days, moved by the hub's own outages (feed §10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from fenhe_hub.rules.facts import Moment, Outage
from fenhe_hub.rules.finding import Clock, State
from fenhe_protocol.workdays import Calendar

CHINA = timezone(timedelta(hours=8))

LAST_START = date(9000, 1, 1)
"""A unit may write a day after which no calendar has enough left to count."""


@dataclass(frozen=True)
class Deadline:
    """The last day of a duty; provisional where a year's holidays are not announced.

    `earliest` is the earliest day it can still turn out to be: make-up days may pull it forward.
    """

    on: date
    provisional: bool
    earliest: date
    clock: Clock | None = None


def deadline_of(clock: Clock, calendar: Calendar, outages: tuple[Outage, ...] = ()) -> Deadline:
    """Return the last day of a clock; the day after its start is day one."""
    if clock.start > LAST_START:
        return Deadline(date.max, True, date.max)  # without a clock: its days cannot be told
    if clock.day_kind == "working":
        made = working_deadline(clock.start, clock.amount, calendar, outages)
        return replace(made, clock=clock)
    due = moved_by(clock.start + timedelta(days=clock.amount), outages)
    return Deadline(due, False, due, clock)


def working_deadline(
    start: date, days: int, calendar: Calendar, outages: tuple[Outage, ...] = ()
) -> Deadline:
    """Return `days` working days after `start`; the day after `start` is day one."""
    if start > LAST_START:
        return Deadline(date.max, True, date.max)
    due = calendar.add_working_days(start, days)
    earliest = _earliest(start, days, calendar)
    return Deadline(moved_by(due.on, outages), due.provisional, moved_by(earliest, outages))


def _earliest(start: date, days: int, calendar: Calendar) -> date:
    """Count with every day that is not announced as a working day."""
    day, left = start, days
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day) or not calendar.is_announced(day)
    return day


def moved_by(on: date, outages: tuple[Outage, ...]) -> date:
    """Add each outage in which the end of the due day falls, oldest first."""
    end = _end_of(on) + sum(each.end - each.start for each in falls_in(on, outages))
    return datetime.fromtimestamp(end, UTC).astimezone(CHINA).date()


def falls_in(on: date, outages: tuple[Outage, ...]) -> Iterator[Outage]:
    """The outages in which the end of a due day falls, each moved by those before."""
    end = _end_of(on)
    for outage in sorted(outages, key=lambda o: o.start):
        if outage.start <= end < outage.end:
            end += outage.end - outage.start
            yield outage


def silent_until(begins: int, seconds: int, outages: tuple[Outage, ...]) -> int:
    """When a silence that began then has lasted so long without counting the hub's outages.

    Those are added too into which the end was moved by others. POSIX seconds.
    """
    end = begins + seconds
    for outage in sorted(outages, key=lambda o: o.start):
        if outage.start < end and outage.end > begins:
            end += outage.end - max(outage.start, begins)
    return end


def _end_of(day: date) -> int:
    return int(datetime.combine(day, time(23, 59, 59), CHINA).timestamp())


def state_at(deadline: Deadline | None, done_on: date | None, moment: Moment) -> State:
    """Judge a duty with a last day, done on `done_on` or not done; None: no day is set.

    Where the day is provisional, only what was done before it can possibly fall is met.
    """
    if deadline is None:
        return State.DUE if done_on is None else State.MET
    if done_on is not None and done_on <= deadline.earliest:
        return State.MET
    if deadline.provisional:
        return State.PROVISIONAL
    if done_on is not None or moment.today > deadline.on:
        return State.OVERDUE
    return State.DUE
