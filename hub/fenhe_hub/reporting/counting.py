"""The facts of a report, counted in index and casework as they stand now. Start at `count`."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

import orjson

from fenhe_client.stored.files import stored_hashes
from fenhe_hub.hub import Hub, fed_files
from fenhe_hub.index.read import units
from fenhe_hub.index.said import fed_place
from fenhe_hub.reporting.facts import ReportFacts, UnitFacts, nowhere
from fenhe_hub.reporting.period import Period
from fenhe_hub.rule_file import load_rules
from fenhe_hub.rules.ruleset import RuleSet
from fenhe_protocol.encoding import b64_encode, format_time
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.merkle import root_at
from fenhe_protocol.position import Position

DECLARED = ("eligible_items", "registered_items", "running_items", "shared_items")
_RESOURCES = """
SELECT u.uscc, r.kind, ifnull(r.value_band, ''), substr(ifnull(r.class_code, ''), 1, 2),
  ifnull(r.city, ''), count(*)
FROM resource r JOIN unit u USING(unit_no)
WHERE r.deleted_on IS NULL AND r.pub_idx IS NOT NULL GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
"""
_FINDINGS = """
SELECT u.uscc, f.rule, f.state, count(*), sum(ifnull(f.since, '') BETWEEN ? AND ?)
FROM finding f JOIN unit u USING(unit_no) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_HOURS = """
SELECT u.uscc, count(*), sum(s.minutes), sum(CASE WHEN s.party > 0 THEN s.minutes ELSE 0 END),
  sum(s.fen), count(DISTINCT s.instrument)
FROM service s JOIN unit u USING(unit_no) WHERE s.started >= ? AND s.started < ? GROUP BY 1
"""
_YEARS = """
SELECT u.uscc, r.pub FROM resource r JOIN unit u USING(unit_no)
WHERE r.kind = 'unit_year' AND r.deleted_on IS NULL AND r.pub IS NOT NULL ORDER BY u.uscc, r.id
"""
_MEASURES = """
SELECT unit, 'decided ' || kind, count(*) FROM measure
WHERE decided_on BETWEEN ?1 AND ?2 GROUP BY 1, 2
UNION ALL SELECT unit, 'state ' || state, count(*) FROM measure GROUP BY 1, 2
"""
_COMPLAINTS = """
SELECT unit, 'received', count(*) FROM complaint
WHERE received_at >= ?1 AND received_at < ?2 GROUP BY 1
UNION ALL SELECT unit, 'answered', count(*) FROM complaint
WHERE answered_at >= ?1 AND answered_at < ?2 GROUP BY 1
UNION ALL SELECT unit, 'closed', count(*) FROM complaint
WHERE closed_at >= ?1 AND closed_at < ?2 GROUP BY 1
UNION ALL SELECT unit, 'open', count(*) FROM complaint WHERE closed_at IS NULL GROUP BY 1
"""

_Maps = dict[str, dict[str, int]]


def count(
    hub: Hub, index: sqlite3.Connection, casework: sqlite3.Connection, period: Period, now: int
) -> ReportFacts:
    """Count all units; the casework has no act that `fed` does not say yet."""
    rules = load_rules(hub.rules_file)
    place, found = fed_place(index), tuple(_units(index, casework, period))
    return ReportFacts(
        period=period.text,
        is_partial=now < period.stop,
        hub=hub.origin,
        epoch=place.epoch,
        size=place.size,
        root=b64_encode(_root(hub, place)),
        made_at=format_time(now),
        rules_name=rules.name,
        rules_sha256=rules.sha256,
        thresholds=tuple(_thresholds(rules, period)),
        untold=index.execute("SELECT count(*) FROM untold").fetchone()[0],
        units=found,
        elsewhere=_elsewhere(casework, period, {each.uscc for each in found}),
    )


def _root(hub: Hub, place: Position) -> bytes:
    """What `fed` came to at that place, whatever it has said since."""
    names = {split_log_name(log.name)[1]: log.name for log in hub.fed_epochs}
    files = fed_files(hub.home, name=names[place.epoch])
    return root_at(place.size, stored_hashes(files, place.size))


def _thresholds(rules: RuleSet, period: Period) -> Iterator[tuple[str, str, str, bool]]:
    """Every number of the rules that held at the end; what all of them share stands once."""
    in_force = rules.in_force(period.last)
    numbers = [
        (rule.rule, name, str(value), name in rule.examples)
        for rule in in_force
        for name, value in sorted(rule.parameters.items())
        if isinstance(value, int) and not isinstance(value, bool)
    ]
    of_all = Counter(number[1:] for number in numbers)
    shared = {told for told, times in of_all.items() if times == len(in_force) > 1}
    yield from (("", *told) for told in sorted(shared))
    yield from (number for number in numbers if number[1:] not in shared)


def _units(
    index: sqlite3.Connection, casework: sqlite3.Connection, period: Period
) -> Iterator[UnitFacts]:
    counted = _resources(index)
    days = (period.first.isoformat(), period.last.isoformat())
    findings = defaultdict[str, list[tuple[str, str, int, int]]](list)
    for uscc, *row in index.execute(_FINDINGS, days):
        findings[uscc].append((row[0], row[1], row[2], row[3]))
    hours = _hours(index, period)
    declared = _declared(index, period)
    measures, complaints = _of_casework(casework, period)
    known = [unit for unit in units(index).values() if not unit.depth and unit.state == "enrolled"]
    for unit in sorted(known, key=lambda each: each.uscc):
        of_unit = {name: counted[name].get(unit.uscc, {}) for name in counted}
        yield UnitFacts(
            uscc=unit.uscc,
            name=unit.name,
            findings=tuple(findings[unit.uscc]),
            hours=hours.get(unit.uscc, {}),
            declared=declared.get(unit.uscc, {}),
            measures=measures.get(unit.uscc, {}),
            complaints=complaints.get(unit.uscc, {}),
            **of_unit,
        )


def _elsewhere(casework: sqlite3.Connection, period: Period, known: set[str]) -> UnitFacts:
    """Measures on units that are not enrolled, complaints about those or about nobody."""
    measures, complaints = _of_casework(casework, period)
    return nowhere(
        *(
            _summed(of_unit for uscc, of_unit in each.items() if uscc not in known)
            for each in (measures, complaints)
        )
    )


def _of_casework(casework: sqlite3.Connection, period: Period) -> tuple[_Maps, _Maps]:
    days = (period.first.isoformat(), period.last.isoformat())
    times = (period.start, period.stop)
    return _by_unit(casework.execute(_MEASURES, days)), _by_unit(
        casework.execute(_COMPLAINTS, times)
    )


def _summed(maps: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return dict(sum(map(Counter, maps), Counter[str]()))


def _resources(index: sqlite3.Connection) -> Mapping[str, _Maps]:
    """By what is counted, by unit, by code: all kinds, and what is said of instruments."""
    counted: dict[str, _Maps] = {"kinds": {}, "bands": {}, "classes": {}, "cities": {}}
    for uscc, kind, band, class_code, city, number in index.execute(_RESOURCES):
        _add(counted["kinds"], uscc, kind, number)
        if kind == "instrument":
            _add(counted["bands"], uscc, band, number)
            _add(counted["classes"], uscc, class_code, number)
            _add(counted["cities"], uscc, city, number)
    return counted


def _add(into: _Maps, uscc: str, code: str, number: int) -> None:
    of_unit = into.setdefault(uscc, {})
    of_unit[code] = of_unit.get(code, 0) + number


def _hours(index: sqlite3.Connection, period: Period) -> _Maps:
    names = ("services", "effective_minutes", "external_minutes", "fen", "instruments")
    rows = index.execute(_HOURS, (period.start, period.stop))
    return {uscc: dict(zip(names, figures, strict=True)) for uscc, *figures in rows}


def _declared(index: sqlite3.Connection, period: Period) -> _Maps:
    found: _Maps = {}
    for uscc, pub in index.execute(_YEARS):
        said = orjson.loads(pub)
        year = said.get("year", 0)
        if found.get(uscc, {}).get("year", 0) <= year <= period.last.year:
            found[uscc] = {"year": year} | {n: said[n] for n in DECLARED if n in said}
    return found


def _by_unit(rows: sqlite3.Cursor) -> _Maps:
    found: _Maps = {}
    for uscc, name, number in rows:
        _add(found, uscc, name, number)
    return found
