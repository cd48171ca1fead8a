"""Logs as the rows of a list: the last attempt, why it came to nothing, when the next one is."""

import os
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fenhe_hub.agenda.outcome_words import code_text, to_do, told
from fenhe_hub.agenda.planner import Outcome, Pace, due_at
from fenhe_hub.agenda.visits import Visit, looked_up
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Log, Unit, units
from fenhe_hub.registry.enrolled import Registry

_COLUMNS = (
    *("origin", "at", "outcome", "code", "place", "expected", "found", "remark", "failures"),
    *("more", "retry_after", "seen_at", "grown_at"),
)
_DAY = 86_400
_MANY = 5  # failures in a row


class Health(StrEnum):
    """How a log stands for whoever has to act."""

    OK = "ok"
    TROUBLE = "trouble"  # the last attempt failed: mostly it mends itself
    STUCK = "stuck"  # nothing came for a day, or bodies lack, or it was tried in vain many times
    QUARANTINED = "quarantined"
    RESTS = "rests"  # nobody visits it


HEALTH_LABELS: Mapping[str, str] = {
    Health.OK: "正常",
    Health.TROUBLE: "上次没成",
    Health.STUCK: "卡住",
    Health.QUARANTINED: "已隔离",
    Health.RESTS: "不巡访",
}


@dataclass(frozen=True, slots=True)
class HarvestRow:
    """One log of a unit. `next_at` is None where nobody visits it by itself; POSIX seconds."""

    unit: Unit
    log: Log
    visit: Visit
    way: str  # visited, pushes, below, or the state of a unit that is not enrolled
    missing: int
    refused: int
    next_at: int | None
    health: Health

    @property
    def cause(self) -> str:
        """What the last attempt came to, in words, with its code."""
        if not self.visit.at:
            return ""
        return told(self.visit.outcome, self.visit.code)

    @property
    def reason(self) -> str:
        """Why, without the code."""
        return code_text(self.visit.code)

    @property
    def advice(self) -> str:
        """What to do."""
        advice = to_do(self.visit.outcome, self.visit.code)
        if not advice and self.missing:
            return "有正文没取到：请单位看 fenhe-node status，把缺的正文放回或重新发布"
        return advice


def harvest_rows(
    hub: Hub,
    db: sqlite3.Connection,
    now: int,
    within: Collection[str] | None,
    origin: str | None = None,
) -> list[HarvestRow]:
    """The logs of all units in a scope, hubs beneath too where it is everything; or one log."""
    whose = "SELECT unit_no FROM log WHERE origin = ?"
    numbers = None if origin is None else [row[0] for row in db.execute(whose, [origin])]
    visits = _visits(hub.home)
    ways = {each.origin: _way(each.visited, each.pushes) for each in _registry(hub.home)}
    missing = _by_log(db, "gap", "sum(stop - idx)")
    refused = _by_log(db, "skip", "count(*)")
    return [
        _row(hub, unit, log, visits, ways.get(unit.origin, "below"), (missing, refused), now)
        for unit in units(db, numbers).values()
        if within is None or unit.uscc in within
        for log in unit.logs
        if log.ended is None and origin in (None, log.origin)
    ]


def _row(
    hub: Hub,
    unit: Unit,
    log: Log,
    visits: Mapping[str, Visit],
    way: str,
    counts: tuple[Counter[int], Counter[int]],
    now: int,
) -> HarvestRow:
    visit = visits.get(log.origin, Visit(log.origin))
    way = unit.state if unit.state != "enrolled" else way
    next_at = next_visit(visit, way, hub.config.pace, hub.origin)
    missing, refused = counts[0][log.log_no], counts[1][log.log_no]
    health = _health(log, visit, way, missing, now)
    return HarvestRow(unit, log, visit, way, missing, refused, next_at, health)


def next_visit(visit: Visit, way: str, pace: Pace, seed: str) -> int | None:
    """When the planner goes there again, POSIX seconds; 0 for at once."""
    if way not in ("visited", "below"):
        return None
    return due_at(visit.turn("", told=way == "below"), pace, seed) if visit.at else 0


def _health(log: Log, visit: Visit, way: str, missing: int, now: int) -> Health:
    if log.quarantined or visit.outcome == Outcome.QUARANTINE:
        return Health.QUARANTINED
    if way not in ("visited", "below", "pushes"):
        return Health.RESTS
    unseen = way == "visited" and visit.at > 0 and now - (visit.seen_at or 0) > _DAY
    if missing or visit.failures >= _MANY or unseen:
        return Health.STUCK
    return Health.TROUBLE if Outcome(visit.outcome).failed else Health.OK


def _way(visited: bool, pushes: bool) -> str:
    return "visited" if visited else "pushes" if pushes else "below"


def _registry(home: Home) -> Registry:
    return Registry(home.registry_file)


def _visits(home: Home) -> dict[str, Visit]:
    rows = looked_up(home.visits, f"SELECT {', '.join(_COLUMNS)} FROM visit")
    return {row[0]: Visit(**dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def _by_log(db: sqlite3.Connection, table: str, many: str) -> Counter[int]:
    rows = db.execute(f"SELECT log_no, {many} FROM {table} GROUP BY log_no")
    return Counter(dict(rows.fetchall()))


def bytes_of(home: Home, origin: str) -> int:
    """How many bytes the mirror of one log takes: every file is looked at."""
    return sum(_sizes(home.text_of_mirror(origin)))


def _sizes(folder: str) -> Iterator[int]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _sizes(entry.path)
        else:
            yield entry.stat(follow_symlinks=False).st_size
