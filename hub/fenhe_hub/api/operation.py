"""What an operation of the API is: where it lies, what it takes, what it gives, who answers."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from fenhe_hub.api.parameters import Parameter, Value
from fenhe_hub.api.shapes import Source, Way
from fenhe_hub.below.routes import Routes
from fenhe_hub.index.read import Reading, Unit, unit_with_code
from fenhe_hub.index.source import Heard, LastVisit, all_heard, heard, last_visits
from fenhe_protocol.encoding import format_time
from fenhe_protocol.error_texts import TEXTS
from fenhe_protocol.errors import RequestError

PAGE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Asked:
    """One request as who answers sees it: a snapshot of the index, the time, the values."""

    db: sqlite3.Connection
    reading: Reading
    now: int
    values: Mapping[str, Value | None] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A text that was asked for; None if it was not, or is empty."""
        value = self.values.get(name)
        return str(value) if value not in (None, "") else None

    def number(self, name: str) -> int:
        """A number that was asked for or its default."""
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(name)
        return value

    def unit(self) -> Unit:
        """The unit named by `uscc` in the path; RequestError 404."""
        if (found := unit_with_code(self.db, str(self.values["uscc"]))) is None:
            raise not_found(str(self.values["uscc"]))
        return found

    def unit_no(self) -> int | None:
        """The number of the unit named by `unit`: -1 if there is none, None if it was not asked."""
        if (uscc := self.text("unit")) is None:
            return None
        found = unit_with_code(self.db, uscc)
        return found.unit_no if found else -1

    def source(self, unit: Unit) -> Source:
        """State and age of a unit's feed now."""
        told = heard(unit, self._visits, self.now)
        age = None if told.heard_at is None else max(0, self.now - told.heard_at)
        text = TEXTS.get(told.code)
        reason = f"{text.zh} / {text.en}" if text else None
        at = None if told.heard_at is None else format_time(told.heard_at)
        return Source(unit.uscc, unit.origin, told.state, at, age, told.code or None, reason)

    def all_heard(self) -> list[tuple[int, Heard]]:
        """How every enrolled unit's source stands now, by the unit's number."""
        return list(all_heard(self.db, self._visits, self.now))

    def ways(self, unit: Unit) -> tuple[Way, ...]:
        """The ways on which a unit comes."""
        found = self._routes.of(unit.origin)
        return tuple(Way(way.kind, way.hub, way.url, way.state, way.is_open) for way in found)

    @cached_property
    def _routes(self) -> Routes:
        return Routes(self.reading.home, self.reading.origin, self.db)

    @cached_property
    def _visits(self) -> dict[str, LastVisit]:
        return last_visits(self.reading.home.visits)


def sub_asked(asked: Asked, values: Mapping[str, Value | None]) -> Asked:
    """The same snapshot and time, with something else asked."""
    return replace(asked, values=values)


def not_found(what: str) -> RequestError:
    """What was asked for is not here, or not public: which of the two is not told."""
    return RequestError("api.not-found", status=404, where=what)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported list: what its cell is for an item, given the answer it stands in."""

    zh: str
    en: str
    cell: Callable[[Any, Any], str | int | None]


@dataclass(frozen=True, slots=True)
class TextFile:
    """An answer that is a file; the state and age of its source go with it as headers.

    What the hub itself says has no source but the hub.
    """

    body: bytes
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One GET below `/api/v1`. `answer` is the type of what `respond` returns.

    With `columns` the list can be had as a spreadsheet: `respond` is then asked for all of it.
    """

    path: str
    name: str
    zh: str
    en: str
    answer: type
    respond: Callable[[Asked], Any]
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()
    problems: tuple[int, ...] = (400, 404)
    details: str = ""
