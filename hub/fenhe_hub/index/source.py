"""How old what we show of a unit is, and whether anything is wrong with its source.

`heard` decides, purely; `last_visits` reads what the planner remembers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fenhe_hub.agenda.planner import Outcome
from fenhe_hub.agenda.staleness import Liveness, LogAge, liveness
from fenhe_hub.agenda.visits import looked_up
from fenhe_hub.index.read import Log, Unit

SourceState = Literal[
    "ok", "stale", "refused", "quarantined", "never", "suspended", "moved", "retired"
]
_NOT_ENROLLED: dict[str, SourceState] = {
    "suspended": "suspended",
    "moved": "moved",
    "retired": "retired",
}
DEFAULT_RHYTHM_HOURS = 24


@dataclass(frozen=True, slots=True)
class LastVisit:
    """What the planner remembers of a log. `seen_at`: when the unit confirmed the verified head;
    `grown_at`: when its size was first seen (POSIX seconds). `code` says why a visit failed.
    """

    outcome: str
    code: str
    seen_at: int | None
    grown_at: int | None


@dataclass(frozen=True, slots=True)
class Heard:
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


def heard(unit: Unit, visits: Mapping[str, LastVisit], now: int) -> Heard:
    """Judge the source of everything shown of a unit."""
    log = unit.catalogue
    visit = visits.get(log.origin if log else f"{unit.origin}/catalogue")
    if (ended := _NOT_ENROLLED.get(unit.state)) is not None:
        return Heard(ended, _heard_at(log, visit))
    code = visit.code if visit else ""
    if any(each.quarantined for each in unit.logs):
        return Heard("quarantined", _heard_at(log, visit), "log.fork")
    if log is None or not log.size:
        return Heard("never", None, code)
    state: SourceState = "ok"
    if visit is not None and visit.outcome == Outcome.REFUSE:
        state = "refused"
    elif _liveness(unit, log, visit, now) is Liveness.STALE:
        state = "stale"
    return Heard(state, _heard_at(log, visit), code)


def _liveness(unit: Unit, log: Log, visit: LastVisit | None, now: int) -> Liveness:
    rhythm = unit.pub.get("rhythm_hours", DEFAULT_RHYTHM_HOURS)
    grown_at = visit.grown_at if visit and visit.grown_at is not None else _recorded_at(log)
    return liveness(LogAge(log.size, grown_at, rhythm, log.ended is not None), now)


def _heard_at(log: Log | None, visit: LastVisit | None) -> int | None:
    if visit is not None and visit.seen_at is not None:
        return visit.seen_at
    return _recorded_at(log) if log else None


def _recorded_at(log: Log) -> int | None:
    # What a rebuilt index still knows, where the planner's memory was deleted.
    return max((at for at in (log.heartbeat_at, log.cosigned_at) if at is not None), default=None)
