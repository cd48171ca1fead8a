"""Judge again what may read otherwise than before, and nothing else. Start at `recheck`.

A unit's findings follow from the rule set and the code that judges, the day, the calendar, the
hub's outages, what the office registered, and the unit's own logs, whose changes the index counts.
Of all this a key is kept beside the findings; they are made again where it differs, and at the
moment at which time alone may turn one of them (`next_turn`).
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import islice

import orjson

from fenhe_hub.index.facts import judged_units
from fenhe_hub.index.findings import lay_over, replace_findings
from fenhe_hub.index.services import owed_by_unit
from fenhe_hub.index.touched import ALL, times_touched
from fenhe_hub.judging.court import Court
from fenhe_hub.rules.deadline import CHINA, silent_until
from fenhe_hub.rules.facts import Moment, UnitFacts
from fenhe_hub.rules.finding import Finding
from fenhe_hub.rules.overlay import Overlays
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.workdays import Calendar

_LOGGER = logging.getLogger("fenhe_hub.check")

AT_ONCE = 16
"""Units judged before their findings are written: what is kept in memory."""

NOTHING_LAID = Overlays()

_CODE = ("rules", "index", "judging")

_LAID = (
    "SELECT rule, judged, state, count(*) FROM finding WHERE overlay IS NOT NULL"
    " GROUP BY rule, judged, state"
)

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Rechecked:
    """All units that are judged, how many of them anew, and their findings by rule and state."""

    units: int
    judged: int
    counts: Counts


def recheck(
    court: Court, rules: RuleSet, told: Mapping[str, str], overlays: Overlays = NOTHING_LAID
) -> Rechecked:
    """Bring the table of findings up to the court's moment.

    `told`: for each unit, by its code, a digest of what the office registered of it; `overlays`:
    what it laid over findings, put over new ones at once and over all of them in the end. A unit
    that cannot be judged keeps its findings and holds up no other; its error is raised in the end.
    """
    units = judged_units(court.db)
    keys = _keys(court, rules, units, told)  # before the facts: what changes meanwhile differs
    _forget_others(court.db, units)
    stale = sorted(_stale(court, keys))
    failures: list[Exception] = []
    for some in _portions(stale):
        failures += _judge(court, rules, some, keys)
        lay_over(court.db, overlays, court.moment.today)
    if not stale:  # an exemption may have come or gone all the same
        lay_over(court.db, overlays, court.moment.today)
    if failures:
        raise failures[0]
    return Rechecked(len(units), len(stale), _summed(court.db))


def _keys(
    court: Court, rules: RuleSet, units: Mapping[int, str], told: Mapping[str, str]
) -> dict[int, str]:
    times, owed = times_touched(court.db), owed_by_unit(court.db)
    shared = (
        rules.sha256,
        code_digest(),
        calendar_digest(court.calendar),
        court.moment.today.isoformat(),
        times.get(ALL, 0),
    )
    keys, common = {}, _outages_digest(court.moment)  # they are told once, however many units
    for unit_no, uscc in units.items():
        moment = court.moment_of(unit_no)
        outages = common if moment is court.moment else _outages_digest(moment)
        # Judged without services that are told later, it differs once they are.
        own = (times.get(unit_no, 0), uscc, told.get(uscc, ""), outages, owed.get(unit_no))
        keys[unit_no] = hashlib.sha256(orjson.dumps((*shared, *own))).hexdigest()
    return keys


def _outages_digest(moment: Moment) -> str:
    told = orjson.dumps([(each.start, each.end) for each in moment.outages])
    return hashlib.sha256(told).hexdigest()


@cache
def code_digest() -> str:
    """A digest of the code that judges: a new version of it judges everything again."""
    digest = hashlib.sha256()
    for room in _CODE:
        files = (resources.files("fenhe_hub") / room).iterdir()
        for file in sorted((each for each in files if each.name.endswith(".py")), key=str):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def calendar_digest(calendar: Calendar) -> str:
    """A digest of the years that are announced."""
    told = [(year, calendar.days_of(year)) for year in sorted(calendar.years)]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _stale(court: Court, keys: Mapping[int, str]) -> Iterator[int]:
    known = {
        unit_no: (key, again_at)
        for unit_no, key, again_at in court.db.execute("SELECT unit_no, key, again_at FROM checked")
    }
    for unit_no, key in keys.items():
        kept, again_at = known.get(unit_no, ("", 0))
        if kept != key or court.moment.now >= again_at:
            yield unit_no


def _portions(units: Iterable[int]) -> Iterator[list[int]]:
    left = iter(units)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _judge(
    court: Court, rules: RuleSet, units: Collection[int], keys: Mapping[int, str]
) -> list[Exception]:
    """Judge some units, and write their findings before what says that they were judged."""
    found: list[tuple[int, Finding]] = []
    checked: list[tuple[int, str, int, str]] = []
    failures: list[Exception] = []
    for unit_no in units:
        try:
            with _snapshot(court.db):
                unit = dict(court.units([unit_no])).get(unit_no)
            if unit is None:  # it is judged no more since we began
                continue
            findings = list(court.judge(unit_no, unit, rules))
        except Exception as error:
            _LOGGER.exception("unit %d cannot be judged", unit_no)
            failures.append(error)
            continue
        found += [(unit_no, finding) for finding in findings]
        again_at = next_turn(unit, court.moment_of(unit_no))
        checked.append((unit_no, keys[unit_no], again_at, _counted(findings)))
    replace_findings(court.db, found, [row[0] for row in checked])
    court.db.executemany("INSERT OR REPLACE INTO checked VALUES (?, ?, ?, ?)", checked)
    return failures


@contextmanager
def _snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """All facts of a unit as of one moment, whatever is written beside."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("COMMIT")


def next_turn(unit: UnitFacts, moment: Moment) -> int:
    """The earliest second after now at which time alone may turn a finding of this unit.

    Dates turn at midnight; a sign of life is missed so many hours after the last one, outages of
    the hub added (D12).
    """
    midnight = datetime.combine(moment.today + timedelta(days=1), time(), CHINA)
    turns = [int(midnight.timestamp())]
    begun = [log.alive_at for log in unit.logs if log.alive_at is not None]
    if unit.enrolled_at is not None:
        begun.append(unit.enrolled_at)
    for alive_at in begun:
        turns.append(silent_until(alive_at, unit.rhythm_hours * 3600, moment.outages) + 1)
    return min(turn for turn in turns if turn > moment.now)


def _counted(findings: Iterable[Finding]) -> str:
    counted = Counter((finding.rule, finding.state.value) for finding in findings)
    return orjson.dumps([[rule, state, n] for (rule, state), n in sorted(counted.items())]).decode()


def _summed(db: sqlite3.Connection) -> Counts:
    total: Counter[tuple[str, str]] = Counter()
    for (counts,) in db.execute("SELECT counts FROM checked"):
        for rule, state, number in orjson.loads(counts):
            total[rule, state] += number
    for rule, judged, shown, number in db.execute(_LAID):
        total[rule, judged] -= number
        total[rule, shown] += number
    summed: Counts = {}
    for (rule, state), number in sorted((+total).items()):
        summed.setdefault(rule, {})[state] = number
    return summed


def _forget_others(db: sqlite3.Connection, units: Mapping[int, str]) -> None:
    """Units that are judged no more, suspended ones for instance, have no findings."""
    known = {row[0] for row in db.execute("SELECT unit_no FROM checked")}
    if gone := known - units.keys():
        replace_findings(db, (), gone)
        db.executemany("DELETE FROM checked WHERE unit_no = ?", ((each,) for each in gone))
