"""Gather how each instrument of a unit is used: its reports, and its services added up by SQL.

Start at `usage_facts`. One pass over the rows of `service` of one unit for each question; no body
is read. What is asked of the services does not depend on any parameter of a rule.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import takewhile

from fenhe_hub.index.receipts import Receipts
from fenhe_hub.index.services import leaf_at
from fenhe_hub.rules.facts import Outage, ResourceFacts, Submission
from fenhe_hub.rules.fees import Per, Price, prices
from fenhe_hub.rules.usage_facts import Doubt, InstrumentUse, Report, Use

_CHINA = timezone(timedelta(hours=8))
_DAY = 24 * 3600
_HOUR = 3600  # both times of a service are cut to the hour, or rounded up to it
_YEAR_2000 = int(datetime(2000, 1, 1, tzinfo=_CHINA).timestamp())
_EVER = 1 << 53
_CELLS = (
    *("run_minutes", "effective_minutes", "external_minutes", "open_minutes", "services"),
    *("samples", "user_visits", "external_users", "income_band"),
)

_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS delivered(log_place INTEGER PRIMARY KEY, at INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS price(line TEXT, party INTEGER, start INTEGER, stop INTEGER,"
    " per INTEGER, fen INTEGER, quantity INTEGER)",
    "CREATE INDEX IF NOT EXISTS temp.price_line ON price(line, party)",
)

_ADDED_UP = """
SELECT instrument, quarter, count(*), sum(minutes), sum(iif(party > 0, minutes, 0)),
  cast(total(fen) AS INTEGER),  -- a sum of integers may overflow, and fail
  min(place), max(place)
FROM service WHERE unit_no = ? GROUP BY instrument, quarter
"""

_OVERLAPPING = f"""
SELECT instrument, 'overlap', count(*), min(place) FROM (
  SELECT instrument, place, started, max(ended) OVER (
    PARTITION BY instrument ORDER BY quarter, started, id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy_until
  FROM service WHERE unit_no = ? AND way = 1 AND started > 0)
WHERE busy_until - started > {_HOUR} GROUP BY instrument
"""

# A leaf counts as delivered with the first head above it; `delivered` has those by their places.
_IMPOSSIBLE = f"""
SELECT instrument, what, count(*), min(place) FROM (
  SELECT instrument, place, CASE WHEN excess > 60 THEN 'hours'
    WHEN started > 0 AND started < {_YEAR_2000} THEN 'past'
    ELSE 'future' END AS what
  FROM service s WHERE unit_no = ? AND (excess > 60
    OR started > 0 AND started < {_YEAR_2000}
    OR ended > {_HOUR} + (SELECT at FROM delivered WHERE log_place > s.place
                          ORDER BY log_place LIMIT 1)))
GROUP BY instrument, what
"""

# 0: its line is not public; 1: not in force that day; 2: dearer than any price in force; 3: agrees.
_MEASURE = "max(minutes, (ended - started) / 60)"
_CHARGED = f"""
SELECT instrument, CASE agrees WHEN 0 THEN 'unpriced' WHEN 1 THEN 'not_in_force'
    WHEN 2 THEN 'too_dear' ELSE 'unnamed' END AS what, count(*), min(place) FROM (
  SELECT instrument, place, iif(fee_line IS NULL, -1, ifnull((
    SELECT max(iif(s.started > 0 AND (s.started < p.start OR s.started >= p.stop), 1,
      iif(s.fen <= CASE p.per
        WHEN {Per.MINUTES.value} THEN p.fen * (({_MEASURE} + p.quantity - 1) / p.quantity)
        WHEN {Per.SAMPLES.value} THEN
          ifnull(p.fen * ((s.samples + p.quantity - 1) / p.quantity), {_EVER})
        WHEN {Per.SERVICE.value} THEN p.fen
        ELSE {_EVER} END, 3, 2)))
    FROM price p WHERE p.line = s.fee_line AND p.party = s.party), 0)) AS agrees
  FROM service s WHERE unit_no = ? AND fen > 0)
WHERE agrees < 3 GROUP BY instrument, what
"""


def usage_facts(
    db: sqlite3.Connection,
    unit_no: int,
    origins: Mapping[int, str],
    receipts: Mapping[int, Receipts],
    resources: Iterable[ResourceFacts],
    outages: Callable[[], Sequence[Outage]] = tuple,
) -> Mapping[str, InstrumentUse]:
    """How each instrument of a unit is used, by its id; `outages` held up its prices."""
    reports: dict[str, list[Report]] = {}
    standards = []
    for resource in resources:
        if resource.kind == "usage_summary":
            _add_report(reports, resource)
        elif resource.kind == "fee_standard":
            standards.append(resource)
    places = _Places(origins, receipts)
    uses = _uses(db, unit_no, places)
    doubts: dict[str, list[Doubt]] = {}
    if uses:
        _prepare(db, receipts, prices(standards, outages))
        for question in (_OVERLAPPING, _IMPOSSIBLE, _CHARGED):
            for instrument, what, count, place in db.execute(question, (unit_no,)):
                doubt = Doubt(what, count, *places.leaf(place))
                doubts.setdefault(instrument, []).append(doubt)
    return {
        instrument: InstrumentUse(
            tuple(reports.get(instrument, ())),
            tuple(uses.get(instrument, ())),
            tuple(doubts.get(instrument, ())),
        )
        for instrument in reports.keys() | uses.keys()
    }


def _add_report(reports: dict[str, list[Report]], resource: ResourceFacts) -> None:
    """Take in a summary, if it says what of, of when, and anything about it."""
    said = resource.public
    instrument, period = said.get("instrument"), said.get("period")
    if not instrument or not period or not says_something(said):
        return
    leaves = [each for each in resource.submissions if not each.refused]
    if len(leaves) == 1:  # as nearly all have
        (leaf,) = leaves
        on = leaf.delivered_on
        report = Report(resource.id, period, resource.origin, leaf.index, on, on, said)
        reports.setdefault(instrument, []).append(report)
    else:
        reports.setdefault(instrument, []).append(_report(resource, leaves))


def _report(resource: ResourceFacts, leaves: list[Submission]) -> Report:
    said = resource.public
    days = [
        each.delivered_on
        for each in leaves
        if each.delivered_on is not None
        and (each is leaves[-1] or (_same(each.fields, said) and says_something(each.fields)))
    ]
    alike = [*takewhile(lambda each: _says_as(each.fields, said), reversed(leaves))]
    return Report(
        resource.id,
        said["period"],
        resource.origin,
        leaves[-1].index if leaves else -1,
        min(days, default=None),
        alike[-1].delivered_on if alike else None,  # said again, it is not said later
        said,
    )


def says_something(summary: Mapping[str, object]) -> bool:
    """Whether a summary is a report: nil, or some cell, or cells withheld."""
    return bool(
        summary.get("nil_report")
        or summary.get("withheld")
        or any(name in summary for name in _CELLS)
    )


def _says_as(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    cells = ("instrument", "period", "nil_report", *_CELLS)
    return all(one.get(name) == other.get(name) for name in cells)


def _same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("instrument", "period"))


class _Places:
    """Says of places where they stand and when they were delivered."""

    def __init__(self, origins: Mapping[int, str], receipts: Mapping[int, Receipts]) -> None:
        self._origins, self._receipts = origins, receipts

    def leaf(self, place: int) -> tuple[str, int, date | None]:
        """(origin of the log, index, day of the receipt)."""
        log_no, index = leaf_at(place)
        return self._origins[log_no], index, self._receipts[log_no].delivered_on(index)


def _uses(db: sqlite3.Connection, unit_no: int, places: _Places) -> Mapping[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for instrument, quarter, *sums, first, last in db.execute(_ADDED_UP, (unit_no,)):
        services, effective, external, fen = sums
        first_on = places.leaf(first)[2]
        origin, index, last_on = places.leaf(last)
        use = Use(quarter, services, effective, external, fen, origin, index, first_on, last_on)
        found.setdefault(instrument, []).append(use)
    return found


def _prepare(
    db: sqlite3.Connection, receipts: Mapping[int, Receipts], asked: Iterable[Price]
) -> None:
    """Put what the questions look up into tables of this connection alone."""
    for statement in _TABLES:
        db.execute(statement)
    db.execute("DELETE FROM temp.delivered")
    db.executemany(
        "INSERT OR IGNORE INTO temp.delivered VALUES (?, ?)",
        (each for log_no, receipt in receipts.items() for each in receipt.by_place(log_no)),
    )
    db.execute("DELETE FROM temp.price")
    db.executemany("INSERT INTO temp.price VALUES (?,?,?,?,?,?,?)", _price_rows(asked))


def _price_rows(asked: Iterable[Price]) -> Iterator[tuple[object, ...]]:
    for price in asked:
        yield (
            price.line,
            price.party,
            _midnight(price.start) if price.start else 0,
            _midnight(price.end) + _DAY if price.end else _EVER,
            price.per.value,
            price.fen,
            price.quantity,
        )


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), _CHINA).astimezone(UTC).timestamp())
