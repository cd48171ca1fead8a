"""Findings as the rows of a list, read from the index a page at a time. Start at `FindingRows`.

Each question begins with the states: by the index `finding_state` a page of two hundred thousand
findings is read without looking at them all.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fenhe_hub.api.labels import kind_label
from fenhe_hub.console.table import View
from fenhe_hub.console.unit_names import UnitNames

OPEN = ("overdue", "due", "provisional", "unknown")
STATES = (*OPEN, "exempt", "not_applicable", "met")
_DUE = "ifnull(due, '9')"
_PLACE = "unit_no, rule, kind, id"
_ORDERS = {"due": (_DUE,), "unit": (), "rule": ("length(rule)", "rule"), "state": ("state", _DUE)}


_NO_RECORDS = {"": "单位", "unit": "单位", "leaf": "日志条目", "log": "日志", "address": "网址"}


def concerned(kind: str) -> str:
    """What a finding is about, by the kind that it names."""
    return _NO_RECORDS.get(kind) or kind_label(kind).zh


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding; `measures`: an authority may base a measure on it."""

    uscc: str
    unit: str
    rule: str
    kind: str
    id: str
    state: str
    due: str
    since: str
    todo: str
    measures: bool
    is_laid_over: bool

    @property
    def name(self) -> str:
        """The id of the finding."""
        return f"{self.uscc}/{self.rule}/{self.kind}/{self.id}"

    @property
    def path(self) -> str:
        """Its page."""
        return path_of(self.uscc, self.rule, self.kind, self.id)


def path_of(uscc: str, rule: str, kind: str, id_: str) -> str:
    """The page of a finding."""
    told = {"rule": rule, "kind": kind, "id": id_}
    return f"/finding/{uscc}?{urlencode({n: v for n, v in told.items() if v})}"


class FindingRows:
    """The findings that a view asks for: by state, rule, kind, words and, where given, by units."""

    def __init__(
        self,
        db: sqlite3.Connection,
        names: UnitNames,
        within: frozenset[str] | None,
    ) -> None:
        self._db, self._names, self._within = db, names, within

    def count(self, view: View) -> int:
        """How many there are."""
        where, values = self._condition(view, by_state=False)
        found: int = self._db.execute(
            f"SELECT count(*) FROM finding WHERE {where}", values
        ).fetchone()[0]
        return found

    def rows(self, view: View, limit: int, offset: int) -> Iterator[FindingRow]:
        """Some of them."""
        # By units the rows lie in order already; for all else the index begins with the state.
        where, values = self._condition(view, by_state=view.column != "unit")
        order = self._order(view)
        rows = self._db.execute(
            "SELECT unit_no, rule, kind, id, state, due, since, todo_zh, measures, overlay"
            f" FROM finding WHERE rowid IN (SELECT rowid FROM finding WHERE {where}"
            f" ORDER BY {order} LIMIT :limit OFFSET :offset) ORDER BY {order}",
            values | {"limit": limit, "offset": offset},
        )
        return (self._row(row) for row in rows)

    def _row(self, row: tuple[Any, ...]) -> FindingRow:
        unit_no, rule, kind, id_, state, due, since, todo, measures, overlay = row
        return FindingRow(
            uscc=self._names.code(unit_no),
            unit=self._names.name(unit_no),
            rule=rule,
            kind=kind,
            id=id_,
            state=state,
            due=due or "",
            since=since or "",
            todo=todo or "",
            measures=bool(measures),
            is_laid_over=overlay is not None,
        )

    def _order(self, view: View) -> str:
        down = " DESC" if view.descending else ""
        keys = (*_ORDERS[view.column], *_PLACE.split(", "))
        return ", ".join(f"{key}{down}" for key in keys)

    def _condition(self, view: View, *, by_state: bool) -> tuple[str, dict[str, object]]:
        """SQL and its values; `by_state`: each state is named also where all are meant."""
        wanted = view.of("state")
        states = OPEN if wanted == "open" else STATES if wanted in ("", "all") else (wanted,)
        named = ", ".join(repr(state) for state in states if state in STATES)
        parts = [f"state IN ({named})"] if by_state or states != STATES else ["1"]
        values: dict[str, object] = {}
        for name in ("rule", "kind"):
            if text := view.of(name):
                parts.append(f"{name} = :{name}")
                values[name] = text
        parts += self._of_units(view)
        if (words := view.of("q")) and not self._names.numbers(None, words):
            parts.append("id = :id")  # no unit is called so: then it is a record
            values["id"] = words
        return " AND ".join(parts), values

    def _of_units(self, view: View) -> list[str]:
        """Conditions that leave the units in scope, that are asked for, and that are called so."""
        within = self._within
        if unit := view.of("unit"):
            within = frozenset({unit}) & (within if within is not None else {unit})
        asked = self._names.numbers(within)
        called = self._names.numbers(None, view.of("q")) if view.of("q") else None
        return [
            f"unit_no IN ({', '.join(map(str, sorted(each)))})"
            for each in (asked, called or None)
            if each is not None
        ]
