"""The list of all logs, sorted, filtered and counted by SQL over index and visits. `HarvestList`.

Ten thousand units have twenty thousand logs: only those of the page that is asked for are made into
rows. How a log stands is said here and nowhere else.
"""

import logging
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from fenhe_hub.console.harvest_rows import HarvestRow, Health, ListedLog, harvest_rows
from fenhe_hub.console.table import View
from fenhe_hub.hub import Hub
from fenhe_hub.read_only import read_only
from fenhe_hub.registry.enrolled import Registry

_LOGGER = logging.getLogger("fenhe_hub.console.harvest")

_DAY = 86_400
_MANY = 5  # failures in a row
_FAILED = "('older', 'defer', 'refuse', 'quarantine')"
_WAY = "iif(u.state <> 'enrolled', u.state, ifnull(w.value, 'visited'))"
_HEALTH = f"""
CASE WHEN quarantined OR outcome = 'quarantine' THEN '{Health.QUARANTINED}'
  WHEN way NOT IN ('visited', 'below', 'pushes') THEN '{Health.RESTS}'
  WHEN missing OR failures >= {_MANY}
    OR way = 'visited' AND at > 0 AND :now - ifnull(seen, 0) > {_DAY} THEN '{Health.STUCK}'
  WHEN outcome IN {_FAILED} THEN '{Health.TROUBLE}' ELSE '{Health.OK}' END
"""
_LOGS = f"""
WITH known AS MATERIALIZED (
  SELECT l.log_no, l.origin, l.name AS log, l.size, l.quarantined, u.unit_no, u.uscc,
    ifnull(r.name_zh, u.uscc) AS unit, {_WAY} AS way, ifnull(v.at, 0) AS at,
    ifnull(v.outcome, 'new') AS outcome, ifnull(v.code, '') AS code,
    ifnull(v.failures, 0) AS failures, v.seen_at AS seen,
    ifnull(g.many, 0) AS missing, ifnull(s.many, 0) AS refused
  FROM log l JOIN unit u USING(unit_no)
  LEFT JOIN resource r ON r.unit_no = u.unit_no AND r.kind = 'unit' AND r.id = u.uscc
    AND r.deleted_on IS NULL
  LEFT JOIN json_each(:ways) w ON w.key = u.origin
  LEFT JOIN visits.visit v ON v.origin = l.origin
  LEFT JOIN (SELECT log_no, sum(stop - idx) AS many FROM gap GROUP BY log_no) g USING(log_no)
  LEFT JOIN (SELECT log_no, count(*) AS many FROM skip GROUP BY log_no) s USING(log_no)
  WHERE l.ended IS NULL
    AND (:within IS NULL OR u.uscc IN (SELECT value FROM json_each(:within)))
), listed AS (SELECT *, {_HEALTH} AS health FROM known)
"""
_ORDERS: Mapping[str, str] = {
    **{name: name for name in ("unit", "uscc", "log", "failures", "size", "missing", "refused")},
    **{name: name for name in ("health", "way")},
    "cause": "outcome, code",
    "at": "nullif(at, 0)",
    "seen": "seen",
}
_NO_VISITS = (
    "CREATE TABLE visits.visit(origin TEXT PRIMARY KEY, at INTEGER, outcome TEXT, code TEXT,"
    " failures INTEGER, seen_at INTEGER)"
)
_SEEN_COLUMNS = "SELECT origin, at, outcome, code, failures, seen_at FROM visits.visit LIMIT 1"


class HarvestList:
    """All logs of units in a scope; a source of rows for `Table`."""

    def __init__(
        self, hub: Hub, db: sqlite3.Connection, now: int, within: Collection[str] | None
    ) -> None:
        self._hub, self._db = hub, db
        scope = None if within is None else orjson.dumps(sorted(within)).decode()
        self._values: dict[str, object] = {
            "now": now,
            "within": scope,
            "ways": _other_ways(hub, db),
        }

    @classmethod
    @contextmanager
    def open(cls, hub: Hub, now: int, within: Collection[str] | None) -> Iterator["HarvestList"]:
        """The list as index and visits have it now."""
        with read_only(hub.home.index) as db:
            _attach(hub, db)
            yield cls(hub, db, now, within)

    def count(self, view: View) -> int:
        """How many there are with these filters."""
        where, values = _condition(view)
        found: int = self._ask(f"SELECT count(*) FROM listed WHERE {where}", values)[0][0]
        return found

    def counts(self) -> dict[str, int]:
        """How many stand how."""
        return dict(self._ask("SELECT health, count(*) FROM listed GROUP BY health", {}))

    def rows(self, view: View, limit: int, offset: int) -> list[HarvestRow]:
        """Some of them, in the order; what is empty comes last."""
        where, values = _condition(view)
        down = " DESC" if view.descending else ""
        order = ", ".join(f"{each}{down} NULLS LAST" for each in _ORDERS[view.column].split(", "))
        asked = f"WHERE {where} ORDER BY {order}, log_no LIMIT :limit OFFSET :offset"
        return self._rows(asked, values | {"limit": limit, "offset": offset})

    def one(self, origin: str) -> HarvestRow | None:
        """The log of this origin, if it is in scope."""
        return next(iter(self._rows("WHERE origin = :origin", {"origin": origin})), None)

    def _rows(self, asked: str, values: Mapping[str, object]) -> list[HarvestRow]:
        found = self._ask(
            f"SELECT log_no, unit_no, origin, way, health, missing, refused FROM listed {asked}",
            values,
        )
        listed = [
            ListedLog(log_no, unit_no, origin, way, Health(health), missing, refused)
            for log_no, unit_no, origin, way, health, missing, refused in found
        ]
        return harvest_rows(self._hub, self._db, listed)

    def _ask(self, question: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        return self._db.execute(f"{_LOGS}{question}", {**self._values, **values}).fetchall()


def _condition(view: View) -> tuple[str, dict[str, object]]:
    """What a view filters by."""
    parts, values = ["1"], dict[str, object]()
    for name in ("health", "way"):
        if text := view.of(name):
            parts.append(f"{name} = :{name}")
            values[name] = text
    for number, word in enumerate(view.of("q").casefold().split()):
        parts.append(f"instr(lower(unit || char(10) || uscc || char(10) || origin), :word{number})")
        values[f"word{number}"] = word
    return " AND ".join(parts), values


def _other_ways(hub: Hub, db: sqlite3.Connection) -> str:
    """By its origin how each unit is had that is not visited, as JSON."""
    known = {each.origin: each for each in Registry(hub.home.registry_file)}
    ways: dict[str, str] = {}
    for (origin,) in db.execute("SELECT origin FROM unit"):
        unit = known.get(origin)
        if unit is None or not unit.visited:
            ways[origin] = "pushes" if unit is not None and unit.pushes else "below"
    return orjson.dumps(ways).decode()


def _attach(hub: Hub, db: sqlite3.Connection) -> None:
    """Put the planner's memory beside the index; an empty one where it is gone or damaged."""
    file = hub.home.visits
    if file.exists():
        try:
            db.execute("ATTACH ? AS visits", [f"{file.resolve().as_uri()}?mode=ro"])
            db.execute(_SEEN_COLUMNS)
            return
        except sqlite3.DatabaseError as error:
            _LOGGER.warning("visits.sqlite: %s", error)
            if any(name == "visits" for _, name, _ in db.execute("PRAGMA database_list")):
                db.execute("DETACH visits")
    db.execute("ATTACH ':memory:' AS visits")
    db.execute(_NO_VISITS)
