"""Units as the rows of a list: how each stands, what there is of it, what is wrong. `unit_rows`."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fenhe_hub.console.finding_rows import OPEN
from fenhe_hub.home import Home
from fenhe_hub.index.figures import instruments_by_unit
from fenhe_hub.index.read import Unit, units
from fenhe_hub.index.source import Heard, heard, last_visits


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit; `open` counts its findings that ask for something, by state."""

    unit: Unit
    heard: Heard
    instruments: int
    open: Counter[str]
    missing: int
    refused: int

    @property
    def path(self) -> str:
        """Its page."""
        return f"/unit/{self.unit.uscc}"


def unit_rows(
    db: sqlite3.Connection, home: Home, now: int, within: frozenset[str] | None
) -> list[UnitRow]:
    """All units in a scope, hubs beneath left out."""
    visits = last_visits(home.visits)
    instruments = instruments_by_unit(db)
    found = open_by_unit(db)
    missing, refused = _by_unit(db, "gap"), _by_unit(db, "skip")
    return [
        UnitRow(
            unit,
            heard(unit, visits, now),
            instruments.get(number, 0),
            found.get(number, Counter()),
            missing.get(number, 0),
            refused.get(number, 0),
        )
        for number, unit in units(db).items()
        if not unit.depth and (within is None or unit.uscc in within)
    ]


def open_by_unit(db: sqlite3.Connection, unit_no: int | None = None) -> dict[int, Counter[str]]:
    """How many findings ask for something, by unit and state; of all units or of one."""
    states = ", ".join(repr(state) for state in OPEN)
    only = "" if unit_no is None else " AND unit_no = ?"
    rows = db.execute(
        f"SELECT unit_no, state, count(*) FROM finding WHERE state IN ({states}){only}"
        " GROUP BY state, unit_no",
        [] if unit_no is None else [unit_no],
    )
    found: dict[int, Counter[str]] = {}
    for unit_no, state, count in rows:
        found.setdefault(unit_no, Counter())[state] = count
    return found


def _by_unit(db: sqlite3.Connection, table: str) -> Mapping[int, int]:
    """Rows of a table that is keyed by log, by unit: 1000 log numbers belong to each."""
    rows = db.execute(
        f"SELECT l.unit_no, count(*) FROM {table} t JOIN log l USING(log_no) GROUP BY l.unit_no"
    )
    return dict(rows.fetchall())
