"""Working days by the State Council's calendar, with its make-up days, and deadlines in them.

The day after the start is day one (policy 二(四), 30 个工作日). A date that depends on a year not
yet announced is provisional, whatever any other calendar guesses: it is counted by weekdays alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

_DAY = timedelta(days=1)
# New Year's days off come with the new year's notice and have reached back to 29 December (2018).
_LAST_SURE_DAY = (12, 28)


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline; `provisional` where it rests on days that are not announced."""

    on: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Count:
    """A number of working days; `provisional` likewise."""

    days: int
    provisional: bool


class DayType(StrEnum):
    """What a day is by the notice of its year; a year that is not announced has weekdays only."""

    WORKING = "working"
    REST = "rest"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True)
class YearNotice:
    """By which notice a year's days are known; both empty where a table does not say."""

    title: str = ""
    dated: str = ""


class Calendar:
    """Which days are working days, for the years that are listed."""

    def __init__(
        self,
        years: Mapping[int, tuple[frozenset[date], frozenset[date]]],
        notices: Mapping[int, YearNotice] | None = None,
    ) -> None:
        self.years = frozenset(years)
        self.notices: Mapping[int, YearNotice] = notices or {}
        self._years = dict(years)
        self._off = frozenset[date]().union(*(off for off, _ in years.values()))
        self._makeup = frozenset[date]().union(*(makeup for _, makeup in years.values()))

    @classmethod
    def load(cls) -> "Calendar":
        """Read the table that ships with the schemas; the same object every time."""
        return _load()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Calendar":
        """Read `{"2026": {"holidays": ["01-01"], "makeup": ["01-04"]}}`, or raise ValueError.

        A day of the year before is written in full: a notice may reach back into December.
        """
        return cls(
            {
                int(year): (_days(year, entry["holidays"]), _days(year, entry["makeup"]))
                for year, entry in table.items()
            },
            {
                int(year): YearNotice(entry.get("notice", ""), str(entry.get("dated", "")))
                for year, entry in table.items()
            },
        )

    def with_years(self, table: Mapping[str, Any]) -> "Calendar":
        """This calendar with years added or put in place of its own; ValueError as `from_table`."""
        added = Calendar.from_table(table)
        return Calendar({**self._years, **added._years}, {**self.notices, **added.notices})

    def days_of(self, year: int) -> tuple[list[date], list[date]]:
        """The days off and the make-up days of a listed year, in order."""
        off, makeup = self._years[year]
        return sorted(off), sorted(makeup)

    def type_of(self, day: date) -> DayType:
        """What a day is, as far as its year is listed."""
        if day in self._off:
            return DayType.HOLIDAY
        if day in self._makeup:
            return DayType.MAKE_UP
        return DayType.WORKING if day.weekday() < 5 else DayType.REST

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is worked; by its weekday alone where its year is not listed."""
        if day in self._off:
            return False
        return day.weekday() < 5 or day in self._makeup

    def is_announced(self, day: date) -> bool:
        """Tell whether no notice still to come can change a day."""
        if day.year not in self.years:
            return False
        return (day.month, day.day) <= _LAST_SURE_DAY or day.year + 1 in self.years

    def add_working_days(self, start: date, days: int) -> Due:
        """Count `days` (0 or more) working days from the day after `start`."""
        if days < 0:
            raise ValueError("a negative number of working days")
        day, left, sure = start, days, self.is_announced(start)
        while left:
            day += _DAY
            sure = sure and self.is_announced(day)
            left -= self.is_working_day(day)
        return Due(day, not sure)

    def working_days_between(self, start: date, end: date) -> Count:
        """Count the working days after `start` to `end` inclusive; negative once `end` is past."""
        first, last = min(start, end), max(start, end)
        span = [first + _DAY * number for number in range(1, (last - first).days + 1)]
        days = sum(map(self.is_working_day, span))
        sure = all(map(self.is_announced, (first, *span)))
        return Count(days if end >= start else -days, not sure)


def _days(year: str, days: list[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(day if len(day) > 5 else f"{year}-{day}") for day in days)


@cache
def _load() -> Calendar:
    table = resources.files("fenhe_protocol") / "schemas/tables/workdays-cn.json"
    return Calendar.from_table(json.loads(table.read_text("utf-8"))["years"])
