"""Logs as the rows of a list: the last attempt, why it came to nothing, when the next one is."""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import orjson

from fenhe_hub.agenda.outcome_words import code_text, to_do, told
from fenhe_hub.agenda.planner import Pace, due_at
from fenhe_hub.agenda.visits import Visit, looked_up
from fenhe_hub.home import Home
from fenhe_hub.hub import Hub
from fenhe_hub.index.read import Log, Unit, units

_COLUMNS = (
    *("origin", "at", "outcome", "code", "place", "expected", "found", "remark", "failures"),
    *("more", "retry_after", "seen_at", "grown_at"),
)


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


class ListedLog(NamedTuple):
    """What the list says of a log: where it stands, how it is had, what lacks."""

    log_no: int
    unit_no: int
    origin: str
    way: str
    health: Health
    missing: int
    refused: int


def harvest_rows(hub: Hub, db: sqlite3.Connection, listed: Sequence[ListedLog]) -> list[HarvestRow]:
    """The rows of these logs, in their order; `db` is the index."""
    found = units(db, {each.unit_no for each in listed})
    logs = {log.log_no: (unit, log) for unit in found.values() for log in unit.logs}
    visits = _visits(hub.home, [each.origin for each in listed])
    rows = []
    for each in listed:
        unit, log = logs[each.log_no]
        visit = visits.get(each.origin, Visit(each.origin))
        next_at = next_visit(visit, each.way, hub.config.pace, hub.origin)
        told = (each.way, each.missing, each.refused, next_at, each.health)
        rows.append(HarvestRow(unit, log, visit, *told))
    return rows


def next_visit(visit: Visit, way: str, pace: Pace, seed: str) -> int | None:
    """When the planner goes there again, POSIX seconds; 0 for at once."""
    if way not in ("visited", "below"):
        return None
    return due_at(visit.turn("", told=way == "below"), pace, seed) if visit.at else 0


def _visits(home: Home, origins: Sequence[str]) -> dict[str, Visit]:
    rows = looked_up(
        home.visits,
        f"SELECT {', '.join(_COLUMNS)} FROM visit WHERE origin IN (SELECT value FROM json_each(?))",
        orjson.dumps(origins).decode(),
    )
    return {row[0]: Visit(**dict(zip(_COLUMNS, row, strict=True))) for row in rows}


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
