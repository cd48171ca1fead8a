"""How old what we show of a unit is, and whether anything is wrong with its source.

`heard` decides, purely; `last_visits` reads what the planner remembers.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.staleness import Liveness, LogAge, liveness
from fenhe_hub.agenda.visits import looked_up
from fenhe_hub.index.read import Unit

SourceState = Literal[
    "ok", "stale", "refused", "quarantined", "never", "suspended", "moved", "retired"
]
_NOT_ENROLLED: dict[str, SourceState] = {
    "suspended": "suspended",
    "moved": "moved",
    "retired": "retired",
}
DEFAULT_RHYTHM_HOURS = 24


class LastVisit(NamedTuple):
    """What the planner remembers of a log. `seen_at`: when the unit confirmed the verified head;
    `grown_at`: when its size was first seen (POSIX seconds). `code` says why a visit failed.
    """

    outcome: str
    code: str
    seen_at: int | None
    grown_at: int | None


class Heard(NamedTuple):
    """The state of a unit's feed. `heard_at`: when it last confirmed what is shown (POSIX seconds).

    `code` says why the last visit brought nothing; it may stand beside `ok`, as long as what is
    shown is not older than the unit's own rhythm.
    """

    state: SourceState
    heard_at: int | None
    code: str = ""


def last_visits(file: Path) -> dict[str, LastVisit]:
    """The last visit to each log by its origin; none where the memory was deleted."""
    rows = looked_up(file, "SELECT origin, outcome, code, seen_at, grown_at FROM visit")
    return {origin: LastVisit(*columns) for origin, *columns in rows}


class _Source(NamedTuple):
    """What of a unit and its newest catalogue decides; `size` is None where it has none."""

    origin: str
    state: str
    rhythm_hours: int
    quarantined: bool
    log: str
    size: int | None = None
    heartbeat_at: int | None = None
    cosigned_at: int | None = None
    ended: int | None = None


def heard(unit: Unit, visits: Mapping[str, LastVisit], now: int) -> Heard:
    """Judge the source of everything shown of a unit."""
    log = unit.catalogue
    known = (log.origin, log.size, log.heartbeat_at, log.cosigned_at, log.ended) if log else ("",)
    rhythm = unit.pub.get("rhythm_hours", DEFAULT_RHYTHM_HOURS)
    quarantined = any(each.quarantined for each in unit.logs)
    source = _Source(unit.origin, unit.state, rhythm, quarantined, *known)
    return _judged(source, visits, now)


_UNITS = (
    "SELECT u.unit_no, u.origin, u.state, ifnull(json_extract(r.pub, '$.rhythm_hours'), ?)"
    " FROM unit u LEFT JOIN resource r ON r.unit_no = u.unit_no AND r.kind = 'unit'"
    " AND r.id = u.uscc AND r.deleted_on IS NULL WHERE u.depth = 0 AND u.state = 'enrolled'"
)
_CATALOGUES = (
    "SELECT unit_no, origin, size, heartbeat_at, cosigned_at, ended FROM log"
    " WHERE name NOT GLOB 'usage*' ORDER BY epoch"
)


def all_heard(
    db: sqlite3.Connection, visits: Mapping[str, LastVisit], now: int
) -> Iterator[tuple[int, Heard]]:
    """The same for every enrolled unit, by its number, hubs left out; reads nothing else of it."""
    logs = {unit_no: rest for unit_no, *rest in db.execute(_CATALOGUES)}
    quarantined = {row[0] for row in db.execute("SELECT unit_no FROM log WHERE quarantined")}
    for unit_no, origin, state, rhythm in db.execute(_UNITS, [DEFAULT_RHYTHM_HOURS]):
        known = logs.get(unit_no, ("",))
        source = _Source(origin, state, rhythm, unit_no in quarantined, *known)
        yield unit_no, _judged(source, visits, now)


def _judged(source: _Source, visits: Mapping[str, LastVisit], now: int) -> Heard:
    visit = visits.get(source.log or f"{source.origin}/catalogue")
    if (ended := _NOT_ENROLLED.get(source.state)) is not None:
        return Heard(ended, _heard_at(source, visit))
    code = visit.code if visit else ""
    if source.quarantined:
        return Heard("quarantined", _heard_at(source, visit), "log.fork")
    if not source.size:
        return Heard("never", None, code)
    state: SourceState = "ok"
    if visit is not None and visit.outcome == Outcome.REFUSE:
        state = "refused"
    elif _liveness(source, visit, now) is Liveness.STALE:
        state = "stale"
    return Heard(state, _heard_at(source, visit), code)


def _liveness(source: _Source, visit: LastVisit | None, now: int) -> Liveness:
    grown_at = visit.grown_at if visit and visit.grown_at is not None else _recorded_at(source)
    age = LogAge(source.size or 0, grown_at, source.rhythm_hours, source.ended is not None)
    return liveness(age, now)


def _heard_at(source: _Source, visit: LastVisit | None) -> int | None:
    if visit is not None and visit.seen_at is not None:
        return visit.seen_at
    return _recorded_at(source)


def _recorded_at(source: _Source) -> int | None:
    # What a rebuilt index still knows, where the planner's memory was deleted.
    known = (at for at in (source.heartbeat_at, source.cosigned_at) if at is not None)
    return max(known, default=None)
