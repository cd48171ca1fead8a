"""How a due day came about, day by day, and on what a finding stands. Pure; `explain`.

Each day from the day after the clock started is told: worked and counted, a rest day, a holiday or
a make-up day and by whose notice, guessed by its weekday where its year is not announced, or added
because the hub could not be reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from fenhe_hub.rules.deadline import CHINA, falls_in, moved_by
from fenhe_hub.rules.facts import Moment, Outage
from fenhe_hub.rules.finding import Clock, Finding
from fenhe_hub.rules.ruleset import Rule
from fenhe_protocol.workdays import Calendar, DayType

_DAY = timedelta(days=1)
MOST_DAYS = 4000


class DayIs(StrEnum):
    """What a day was for the clock."""

    WORKING = "working"
    MAKE_UP = "make_up"
    REST = "rest"
    HOLIDAY = "holiday"
    CALENDAR = "calendar"
    OUTAGE = "outage"


DAY_LABELS: dict[DayIs, tuple[str, str]] = {
    DayIs.WORKING: ("工作日", "working day"),
    DayIs.MAKE_UP: ("调休上班", "make-up day"),
    DayIs.REST: ("休息日", "rest day"),
    DayIs.HOLIDAY: ("放假", "holiday"),
    DayIs.CALENDAR: ("日历日", "calendar day"),
    DayIs.OUTAGE: ("平台停机顺延", "added for the hub's outage"),
}
_TYPES = {
    DayType.WORKING: DayIs.WORKING,
    DayType.MAKE_UP: DayIs.MAKE_UP,
    DayType.REST: DayIs.REST,
    DayType.HOLIDAY: DayIs.HOLIDAY,
}
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class CountedDay:
    """One day; `number` is which day of the term it is, None where it does not count.

    `announced`: no notice still to come can change it. `source` says by what it is known.
    """

    on: date
    is_: DayIs
    number: int | None
    announced: bool
    source: str

    def as_json(self) -> dict[str, object]:
        """One row of the answer."""
        return {
            "on": self.on.isoformat(),
            "is": self.is_.value,
            "number": self.number,
            "announced": self.announced,
            "source": self.source,
        }


@dataclass(frozen=True)
class Explanation:
    """All that is needed to stand up for a finding."""

    name: str
    finding: Finding
    rule: Rule
    clock: Clock | None
    days: tuple[CountedDay, ...]
    outages: tuple[Outage, ...]
    asked_on: date


def explain(
    finding: Finding, uscc: str, rule: Rule, moment: Moment, calendar: Calendar
) -> Explanation:
    """Tell how a finding came about, as of a moment and by a calendar."""
    clock = finding.clock
    days = tuple(_days(clock, moment.outages, calendar)) if clock else ()
    moved = tuple(falls_in(_last(days, clock), moment.outages)) if clock else ()
    return Explanation(finding.named(uscc), finding, rule, clock, days, moved, moment.today)


def _last(days: tuple[CountedDay, ...], clock: Clock) -> date:
    counted = (each.on for each in days if each.is_ is not DayIs.OUTAGE)
    return max(counted, default=clock.start)


def _days(clock: Clock, outages: tuple[Outage, ...], calendar: Calendar) -> Iterator[CountedDay]:
    day, number = clock.start, 0
    while number < clock.amount and (day - clock.start).days < MOST_DAYS:
        day += _DAY
        told = _told(day, clock, calendar)
        counts = told in (DayIs.WORKING, DayIs.MAKE_UP, DayIs.CALENDAR)
        number += counts
        sure = told is DayIs.CALENDAR or calendar.is_announced(day)
        source = "" if told is DayIs.CALENDAR else _source(day, told, calendar)
        yield CountedDay(day, told, number if counts else None, sure, source)
    yield from _added(day, outages)


def _told(day: date, clock: Clock, calendar: Calendar) -> DayIs:
    return DayIs.CALENDAR if clock.day_kind == "calendar" else _TYPES[calendar.type_of(day)]


def _source(day: date, told: DayIs, calendar: Calendar) -> str:
    """By what a day is known: the notice of its year, its weekday, or a guess."""
    if not calendar.is_announced(day):
        return f"星期{WEEKDAYS[day.weekday()]}，放假安排未公布 not announced"
    notice = calendar.notices.get(day.year)
    if told in (DayIs.HOLIDAY, DayIs.MAKE_UP) and notice is not None and notice.title:
        return notice.title
    return f"星期{WEEKDAYS[day.weekday()]}"


def _added(last: date, outages: tuple[Outage, ...]) -> Iterator[CountedDay]:
    """The days by which outages moved the end of the last day."""
    spans = "；".join(f"{_time(o.start)}—{_time(o.end)}" for o in falls_in(last, outages))
    for number in range(1, (moved_by(last, outages) - last).days + 1):
        yield CountedDay(last + number * _DAY, DayIs.OUTAGE, None, True, spans)


def _time(posix: int) -> str:
    return datetime.fromtimestamp(posix, CHINA).strftime("%Y-%m-%d %H:%M")
