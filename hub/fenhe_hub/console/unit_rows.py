"""Units as the rows of a list: how each stands, what there is of it, what is wrong. `unit_rows`."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fenhe_hub.console.finding_rows import OPEN
from fenhe_hub.home import Home
from fenhe_hub.index.facets import facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.read import Unit, units
from fenhe_hub.index.source import Heard, LastVisit, heard, last_visits


@dataclass(frozen=True)
class UnitRow:
    """One unit; `open` counts its findings that ask for something, by state."""

    unit: Unit
    visits: Mapping[str, LastVisit]
    now: int
    instruments: int
    open: Mapping[str, int]
    missing: int
    refused: int

    @cached_property
    def heard(self) -> Heard:
        """The state of its feed, judged when it is asked for."""
        return heard(self.unit, self.visits, self.now)

    @property
    def path(self) -> str:
        """Its page."""
        return f"/unit/{self.unit.uscc}"


def unit_rows(
    db: sqlite3.Connection, home: Home, now: int, within: frozenset[str] | None
) -> list[UnitRow]:
    """All units in a scope, hubs beneath left out."""
    visits = last_visits(home.visits)
    instruments = facets(db, "", Filters(kinds=("instrument",))).unit_no
    found = open_findings(db)
    missing, refused = _by_unit(db, "gap", "sum(t.stop - t.idx)"), _by_unit(db, "skip")
    return [
        UnitRow(
            unit,
            visits,
            now,
            instruments[number],
            {state: found[state].get(number, 0) for state in OPEN},
            missing.get(number, 0),
            refused.get(number, 0),
        )
        for number, unit in units(db).items()
        if not unit.depth and (within is None or unit.uscc in within)
    ]


def open_findings(db: sqlite3.Connection) -> dict[str, dict[int, int]]:
    """How many findings ask for something, by state and unit: asked one by one, half the time."""
    question = "SELECT unit_no, count(*) FROM finding WHERE state = ? GROUP BY unit_no"
    return {state: dict(db.execute(question, [state]).fetchall()) for state in OPEN}


def _by_unit(db: sqlite3.Connection, table: str, many: str = "count(*)") -> Mapping[int, int]:
    """How many there are in a table that is keyed by log, by unit: 1000 log numbers for each."""
    rows = db.execute(
        f"SELECT l.unit_no, {many} FROM {table} t JOIN log l USING(log_no) GROUP BY l.unit_no"
    )
    return dict(rows.fetchall())
