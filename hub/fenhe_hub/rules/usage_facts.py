"""What a rule may know of an instrument's use, and of what others say of its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple


class Report(NamedTuple):
    """The last leaf of a usage summary.

    `first_on`: when its period was first reported by it; `last_on`: since when its cells stand so.
    """

    id: str
    period: str  # 2026-Q3 or 2026
    origin: str
    leaf: int
    first_on: date | None
    last_on: date | None
    fields: Mapping[str, Any]


class Use(NamedTuple):
    """The service records of one instrument and quarter, added up: minutes and fen.

    `quarter` is four times the year and the quarter from 0 on; `first_on` and `last_on` are the
    days on which the first and the last of them were delivered.
    """

    quarter: int
    services: int
    effective: int
    external: int
    fen: int
    origin: str
    last_index: int
    first_on: date | None
    last_on: date | None


class Doubt(NamedTuple):
    """Services of one instrument with the same fault: how many, and the first leaf that has it.

    `what`: `hours` (more of them than from start to end), `past` (before 2000), `future` (ended
    after it was delivered), `overlap` (two users at a time), `unnamed` (charged, no price line),
    `unpriced` (its line is not public), `not_in_force` (not on that day), `too_dear`.
    """

    what: str
    times: int
    origin: str
    leaf: int
    delivered_on: date | None


@dataclass(frozen=True, slots=True)
class InstrumentUse:
    """All that is said of the use of one instrument; quarters in their order."""

    reports: tuple[Report, ...] = ()
    uses: tuple[Use, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """A final result of the authority's evaluation of a year; `id` empty: of the whole unit."""

    year: int
    result: str  # excellent, good, pass, poor
    decided_on: date
    id: str = ""

    @property
    def is_poor(self) -> bool:
        """Whether it can be the ground of a measure."""
        return self.result == "poor"


@dataclass(frozen=True)
class Complaint:
    """A complaint or feedback as it was handed to the unit; `answered_on` by feed or office."""

    number: str
    handed_on: date
    answered_on: date | None = None
    about: str = "service"  # `reallocation` belongs to the authority, not the unit
    origin: str = ""
    index: int | None = None


def quarter_of(day: date) -> int:
    """The quarter in which a day lies."""
    return day.year * 4 + (day.month - 1) // 3


def quarter_name(quarter: int) -> str:
    """2026-Q3."""
    return f"{quarter // 4}-Q{quarter % 4 + 1}"


def first_day_of(quarter: int) -> date:
    """The first day of a quarter; beyond all years the last day there is."""
    if quarter // 4 > date.max.year:
        return date.max
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)


@lru_cache(1024)
def quarters_of(period: str) -> range:
    """The quarters of a period, 2026-Q3 or 2026."""
    year = int(period[:4]) * 4
    if len(period) == 4:
        return range(year, year + 4)
    quarter = year + int(period[6]) - 1
    return range(quarter, quarter + 1)
