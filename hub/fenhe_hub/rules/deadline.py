"""Due dates in working days, moved by the hub's own outages (feed §10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from fenhe_hub.rules.facts import Moment, Outage
from fenhe_hub.rules.finding import State
from fenhe_protocol.workdays import Calendar

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Deadline:
    """The last day of a duty; provisional where a year's holidays are not announced."""

    on: date
    provisional: bool


def working_deadline(
    start: date, days: int, calendar: Calendar, outages: tuple[Outage, ...] = ()
) -> Deadline:
    """Return `days` working days after `start`; the day after `start` is day one."""
    due = calendar.add_working_days(start, days)
    return Deadline(on=_moved(due.on, outages), provisional=due.provisional)


def _moved(on: date, outages: tuple[Outage, ...]) -> date:
    """Add each outage in which the end of the due day falls, oldest first."""
    end = int(datetime.combine(on, time(23, 59, 59), CHINA).timestamp())
    for outage in sorted(outages, key=lambda o: o.start):
        if outage.start <= end < outage.end:
            end += outage.end - outage.start
    return datetime.fromtimestamp(end, UTC).astimezone(CHINA).date()


def state_at(deadline: Deadline, done_on: date | None, moment: Moment) -> State:
    """Judge a duty with a last day, done on `done_on` or not done.

    A provisional day can only move later, so what was done by it is met; what was not done by it
    stays provisional until the year is announced.
    """
    if done_on is not None and done_on <= deadline.on:
        return State.MET
    if deadline.provisional:
        return State.PROVISIONAL
    if done_on is not None or moment.today > deadline.on:
        return State.OVERDUE
    return State.DUE
