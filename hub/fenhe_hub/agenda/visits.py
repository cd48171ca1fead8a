"""`visits.sqlite`: what the last visit to each log came to. Working memory, never evidence.

Every visit ends in a stored verdict, also one that brought nothing. Of a log that was asked and
stands still only when that was is new: such rows wait for each other for a second, and a crash
loses no more than that. Deleting the file costs nothing but the planner's patience: all logs are
then visited at once. Start at `Visits`.
"""

import logging
import sqlite3
import time
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from fenhe_client.stored.tables_once import write_ahead, writing
from fenhe_hub.agenda.planner import Outcome, Turn
from fenhe_hub.read_only import read_only

_LOGGER = logging.getLogger("fenhe_hub.agenda.visits")


@dataclass(frozen=True, slots=True)
class Visit:
    """The last visit to one log and what pacing needs of those before. Times are POSIX seconds."""

    origin: str
    at: int = 0
    outcome: str = Outcome.NEW
    code: str = ""  # why, with place and both sides; empty after a good visit
    place: str = ""
    expected: str = ""
    found: str = ""
    remark: str = ""  # what is odd and refuses nothing, such as a wrong clock
    failures: int = 0
    more: int = 0
    retry_after: int | None = None
    due: int = 0
    etag: str = ""  # of the checkpoint, as long as it was the verified head's
    seen_at: int | None = None  # when the verified head was last confirmed by the unit itself
    grown_at: int | None = None  # when the present size was first seen
    advised_at: int = 0  # when `fed` last carried an `adv` of this log
    rooted_at: int = 0  # when the unit's next root document was last looked for
    day: int = 0  # the day that `day_leaves` counts, in days since 1970
    day_leaves: int = 0

    def turn(self, host: str, *, told: bool = False) -> Turn:
        """What the planner needs of this visit; `told`: somebody says when there is more."""
        return Turn(
            self.origin,
            host,
            self.at,
            Outcome(self.outcome),
            self.failures,
            bool(self.more),
            self.retry_after,
            told,
        )

    def stood(self, now: int, etag: str) -> "Visit":
        """The row after a visit that found nothing new but the time, and maybe an ETag."""
        values = [*_ALL_OF(self)]  # `dataclasses.replace` takes three times as long
        values[_AT], values[_SEEN_AT], values[_ETAG] = now, now, etag or self.etag
        return Visit(*values)

    def leaves_today(self, now: int) -> int:
        """How many leaves were taken on the day of `now` (feed §12)."""
        return self.day_leaves if self.day == now // 86_400 else 0


_COLUMNS = [each.name for each in fields(Visit)]
_SELECTED = ", ".join(_COLUMNS)
_TEXTS = ("origin", "outcome", "code", "place", "expected", "found", "remark", "etag")
_TYPES = {name: str if name in _TEXTS else int for name in _COLUMNS}
_WRITTEN = [name for name in _COLUMNS if name != "advised_at"]  # which is another writer's
_ONE = f"SELECT {_SELECTED} FROM visit WHERE origin = ?"
_WRITTEN_OF, _ALL_OF = attrgetter(*_WRITTEN), attrgetter(*_COLUMNS)
_AT, _SEEN_AT, _ETAG = map(_COLUMNS.index, ("at", "seen_at", "etag"))
_UPSERT = (
    f"INSERT INTO visit({', '.join(_WRITTEN)}) VALUES({', '.join('?' * len(_WRITTEN))})"
    " ON CONFLICT(origin) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN[1:])
)
_TOUCH = (  # whatever another process has found out meanwhile stays
    "UPDATE visit SET at = ?1, seen_at = ?1 WHERE origin = ?2"
    " AND outcome = ?3 AND NOT failures AND NOT more"
)
_WAIT_SECONDS = 1.0
_DEFAULTS = {
    each.name: each.default
    for each in fields(Visit)
    if each.name != "origin" and each.default is not None
}


class Visits:
    """The table of last visits, one row for each log."""

    def __init__(self, file: Path) -> None:
        self._db = _opened(file)
        self._unwritten: dict[str, Visit] = {}
        self._touched: dict[str, Visit] = {}
        self._touched_since = 0.0

    def close(self) -> None:
        """Write what waits, and close the file."""
        self.flush()
        self._db.close()

    def get(self, origin: str) -> Visit:
        """The last visit to a log; one that never was if there is none."""
        kept = self._unwritten.get(origin) or self._touched.get(origin)
        if kept is not None:
            return kept
        found = self._db.conn.execute(_ONE, [origin]).fetchone()
        return Visit(*found) if found else Visit(origin)

    def all(self) -> dict[str, Visit]:
        """Every log's last visit by its origin."""
        rows = self._db.execute(f"SELECT {_SELECTED} FROM visit").fetchall()
        return {row[0]: Visit(*row) for row in rows}

    def put(self, visit: Visit) -> None:
        """Store the verdict of a visit; `advised_at` stays."""
        self._touched.pop(visit.origin, None)
        try:
            self._db.execute(_UPSERT, _WRITTEN_OF(visit))
        except sqlite3.Error as error:
            # A full disk must not end the visiting: until there is room, this process remembers.
            _LOGGER.error("visits.sqlite: %s", error)
            self._unwritten[visit.origin] = visit
        else:
            self._unwritten.pop(visit.origin, None)

    def touch(self, visit: Visit) -> None:
        """Note that a log stood still once more: of its row only `at` and `seen_at` are new."""
        now = time.monotonic()
        if not self._touched:
            self._touched_since = now
        self._touched[visit.origin] = visit
        if now - self._touched_since >= _WAIT_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the touched rows, all at once."""
        if not self._touched:
            return
        rows = [(each.at, each.origin, Outcome.UNCHANGED) for each in self._touched.values()]
        connection = self._db.conn
        try:
            with writing(connection):
                connection.executemany(_TOUCH, rows)
        except sqlite3.Error as error:
            _LOGGER.error("visits.sqlite: %s", error)  # they are remembered till there is room
            connection.rollback()
            self._touched_since = time.monotonic()
        else:
            self._touched.clear()

    def advised(self, origin: str, now: int) -> None:
        """Remember that `fed` carries an `adv` of this log since now."""
        self._db.table("visit").upsert({"origin": origin, "advised_at": now}, pk="origin")


def looked_up(file: Path, question: str, *values: str) -> list[tuple[Any, ...]]:
    """Ask the memory without writing; no rows where it is gone, damaged or another version's.

    Who visits next makes it anew.
    """
    if not file.exists():
        return []
    with read_only(file) as db:
        try:
            return db.execute(question, values).fetchall()
        except sqlite3.DatabaseError as error:
            _LOGGER.warning("visits.sqlite: %s", error)
            return []


def last_visit(file: Path, origin: str) -> Visit | None:
    """The last visit to one log, if it is remembered."""
    rows = looked_up(file, _ONE, origin)
    return Visit(*rows[0]) if rows else None


def _opened(file: Path) -> Database:
    """Open the memory; what another version wrote, or a power cut spoilt, is made anew."""
    try:
        return _made(file)
    except sqlite3.OperationalError:  # locked, full or not ours to write: says nothing of the file
        raise
    except sqlite3.DatabaseError as error:
        _LOGGER.warning("visits.sqlite is made anew: %s", error)
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        return _made(file)


def _made(file: Path) -> Database:
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        write_ahead(connection)
        connection.execute("PRAGMA synchronous=OFF")  # may be deleted, so may be lost
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)
        db = Database(connection)
        if set(db.table("visit").columns_dict) not in (set(), set(_COLUMNS)):
            db.table("visit").drop(ignore=True)  # another version's memory
        db.table("visit").create(_TYPES, pk="origin", defaults=_DEFAULTS, if_not_exists=True)
    except BaseException:
        connection.close()
        raise
    return db
