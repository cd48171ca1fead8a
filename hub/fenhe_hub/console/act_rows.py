"""Acts as the rows of a list: filtered, counted and turned by the casework itself."""

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime

import orjson

from fenhe_hub.console.table import View
from fenhe_protocol.errors import RequestError
from fenhe_protocol.fed import Act

_QUESTIONS = {
    "by": "by = :by",
    "name": "name = :name",
    "about": "(subject = :about OR unit = :about)",
    "unit": "unit = :unit",
    "since": "at >= :since",
    "until": "at < :until",
}
_DAY = 86_400


class ActRows:
    """The acts that a view asks for, by filters of these names: by, name, about, since, until."""

    def __init__(self, db: sqlite3.Connection, unit: str = "") -> None:
        self._db, self._unit = db, unit

    def count(self, view: View) -> int:
        """How many there are."""
        where, values = self._condition(view)
        found: int = self._db.execute(f"SELECT count(*) FROM act{where}", values).fetchone()[0]
        return found

    def rows(self, view: View, limit: int, offset: int) -> Iterator[Act]:
        """The newest first, or the oldest."""
        where, values = self._condition(view)
        order = "DESC" if view.descending else "ASC"
        rows = self._db.execute(
            f"SELECT number, at, by, name, subject, details FROM act{where}"
            f" ORDER BY seq {order} LIMIT :limit OFFSET :offset",
            values | {"limit": limit, "offset": offset},
        )
        for number, at, by, name, subject, details in rows:
            yield Act(number, at, by, name, subject, orjson.loads(details))

    def names(self) -> list[str]:
        """Which acts there are, each name once."""
        rows = self._db.execute(
            "WITH RECURSIVE each(name) AS (SELECT min(name) FROM act UNION ALL"
            " SELECT (SELECT min(name) FROM act WHERE act.name > each.name) FROM each"
            " WHERE each.name IS NOT NULL) SELECT name FROM each WHERE name IS NOT NULL"
        )
        return [name for (name,) in rows]

    def _condition(self, view: View) -> tuple[str, dict[str, object]]:
        asked: dict[str, object] = {name: view.of(name) for name in ("by", "name", "about")}
        asked |= {"since": _midnight(view.of("since")), "unit": self._unit}
        if until := _midnight(view.of("until")):
            asked["until"] = until + _DAY
        given = {name: value for name, value in asked.items() if value}
        where = " AND ".join(_QUESTIONS[name] for name in given)
        return f" WHERE {where}" if where else "", given


def _midnight(day: str) -> int:
    """When a day began at UTC+8, POSIX seconds; 0 for "". RequestError 400."""
    if not day:
        return 0
    try:
        return int(datetime.fromisoformat(f"{date.fromisoformat(day)}T00:00+08:00").timestamp())
    except ValueError as error:
        raise RequestError(
            "request.parameter", status=400, expected="YYYY-MM-DD", found=day
        ) from error
