"""What is counted once a day, from the index as the last check left it. Start at `count_day`."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date

import orjson

from fenhe_hub.home import Home
from fenhe_hub.index.tables import open_index
from fenhe_hub.rules.finding import State
from fenhe_hub.trends.daily import HoursRow, PlaceRow, Stand, Sums, note_day, open_daily
from fenhe_protocol.encoding import date_at

_JUDGED = (State.MET, State.DUE, State.PROVISIONAL, State.OVERDUE, State.UNKNOWN)
_CELLS = ("effective_minutes", "external_minutes")

Minutes = tuple[int, int]
"""Effective and external."""


def count_day(home: Home, now: int) -> bool:
    """Keep how things stand today; False, and nothing is kept, before there was any check."""
    with closing(open_index(home.index)) as db:
        stands = stands_of(db)
        if not stands:
            return False
        codes = dict(db.execute("SELECT unit_no, uscc FROM unit WHERE depth = 0"))
        uses = list(_uses(db, codes))
        places = list(_places(db, codes))
        sums = Sums(_hours(uses), places, _opening(db, codes), _sharing(uses))
    with open_daily(home) as daily:
        note_day(daily, date.fromisoformat(date_at(now)), stands, sums)
    return True


def stands_of(db: sqlite3.Connection) -> dict[tuple[str, str], Stand]:
    """How many findings are met of those judged, by unit and rule; duties alone."""
    states = ", ".join(repr(state.value) for state in _JUDGED)
    rows = db.execute(
        "SELECT u.uscc, f.rule, sum(f.state = 'met'), count(*) FROM finding f"
        " JOIN unit u USING(unit_no)"
        f" WHERE f.obligation = 'duty' AND f.state IN ({states}) GROUP BY u.uscc, f.rule"
    )
    return {(uscc, rule): Stand(met, of) for uscc, rule, met, of in rows}


class _Use:
    """One instrument, and what its summaries say of each period."""

    def __init__(self, uscc: str, city: str, class_code: str, general: bool) -> None:
        self.uscc, self.city, self.class_code, self.general = uscc, city, class_code, general
        self.periods: dict[str, Minutes] = {}

    def by_year(self) -> Mapping[int, Minutes]:
        """A year as its own summary says it; else what its quarters told so far."""
        found: dict[int, Minutes] = {}
        for period in sorted(self.periods, key=len, reverse=True):  # a year's own comes last
            year, (effective, external) = int(period[:4]), self.periods[period]
            if len(period) > 4 and year in found:
                effective, external = effective + found[year][0], external + found[year][1]
            found[year] = effective, external
        return found


def _uses(db: sqlite3.Connection, codes: Mapping[int, str]) -> Iterable[_Use]:
    rows = db.execute(
        "SELECT unit_no, id, city, substr(class_code, 1, 2),"
        " json_extract(pub, '$.general_or_special') = 'general' FROM resource"
        " WHERE kind = 'instrument' AND deleted_on IS NULL AND pub IS NOT NULL"
    )
    known = {
        (unit_no, id_): _Use(codes[unit_no], city or "", code or "", bool(general))
        for unit_no, id_, city, code, general in rows
        if unit_no in codes
    }
    summaries = db.execute(
        "SELECT unit_no, pub FROM resource WHERE kind = 'usage_summary' AND deleted_on IS NULL"
        " AND pub IS NOT NULL"
    )
    for unit_no, raw in summaries:
        said = orjson.loads(raw)
        use, period = known.get((unit_no, said.get("instrument", ""))), said.get("period")
        if use is not None and period:
            effective, external = (said.get(name) or 0 for name in _CELLS)
            use.periods[period] = effective, external
    return (use for use in known.values() if use.periods)


def _hours(uses: Iterable[_Use]) -> list[HoursRow]:
    sums: defaultdict[tuple[str, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for use in uses:
        for year, (effective, external) in use.by_year().items():
            held = sums[use.uscc, year, use.city, use.class_code]
            held[0] += effective
            held[1] += external
    return [HoursRow(*key, *each) for key, each in sorted(sums.items())]


def _sharing(uses: Iterable[_Use]) -> dict[tuple[str, int], Minutes]:
    effective, external = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for use in uses:
        for year, minutes in use.by_year().items() if use.general else ():
            effective[use.uscc, year] += minutes[0]
            external[use.uscc, year] += minutes[1]
    return {key: (effective[key], external[key]) for key in effective}


_PLACES = {
    "instruments": "SELECT unit_no, ifnull(city, ''), count(*) FROM searched"
    " WHERE kind = 'instrument' GROUP BY 1, 2",
    "overdue": "SELECT f.unit_no, ifnull(r.city, ''), count(*) FROM finding f JOIN resource r"
    " ON (r.unit_no, r.kind, r.id) = (f.unit_no, f.kind, f.id)"
    " WHERE f.state = 'overdue' GROUP BY 1, 2",
}


def _places(db: sqlite3.Connection, codes: Mapping[int, str]) -> Iterable[PlaceRow]:
    for figure, question in _PLACES.items():
        for unit_no, city, count in db.execute(question):
            if unit_no in codes:
                yield PlaceRow(codes[unit_no], figure, city, count)


def _opening(db: sqlite3.Connection, codes: Mapping[int, str]) -> dict[str, tuple[int, int]]:
    """Instruments that owe it, and how many of them are open to others; by unit."""
    rows = db.execute(
        "SELECT f.unit_no, count(*), sum(json_extract(r.pub, '$.share_mode') IS 'external')"
        " FROM finding f JOIN resource r ON (r.unit_no, r.kind, r.id) = (f.unit_no, f.kind, f.id)"
        " WHERE f.rule = 'D2' AND f.kind = 'instrument' AND f.obligation = 'duty'"
        " GROUP BY f.unit_no"
    )
    return {codes[unit_no]: (owed, opened) for unit_no, owed, opened in rows if unit_no in codes}
