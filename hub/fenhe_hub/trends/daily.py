"""`daily.sqlite`: what the check found of each unit on each day, and sums of use. `open_daily`.

A row of `stand` holds until the next one of its unit and rule: only what changes is written, so a
year of a unit that does nothing costs nothing. A day on which nobody counted is not in `day`.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import orjson

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import write_ahead, writing
from fenhe_hub.home import Home

_TABLES = (
    "CREATE TABLE IF NOT EXISTS day(day TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS stand(uscc TEXT, rule TEXT, day TEXT, met INTEGER NOT NULL,"
    " of INTEGER NOT NULL, PRIMARY KEY(uscc, rule, day)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS hours(uscc TEXT, year INTEGER, city TEXT, class TEXT,"
    " effective INTEGER NOT NULL, external INTEGER NOT NULL,"
    " PRIMARY KEY(uscc, year, city, class)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS place(uscc TEXT, figure TEXT, city TEXT, number INTEGER NOT NULL,"
    " PRIMARY KEY(uscc, figure, city)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS opening(uscc TEXT PRIMARY KEY, owed INTEGER NOT NULL,"
    " opened INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS sharing(uscc TEXT, year INTEGER, effective INTEGER NOT NULL,"
    " external INTEGER NOT NULL, PRIMARY KEY(uscc, year)) WITHOUT ROWID",
)


class Stand(NamedTuple):
    """Of so many judged findings of one rule so many are met."""

    met: int
    of: int


class PlaceRow(NamedTuple):
    """How many there are of a unit in a city: `instruments`, or `overdue` findings of records."""

    uscc: str
    figure: str
    city: str
    number: int


class HoursRow(NamedTuple):
    """Minutes of use told by a unit for a year, of one city and class (its first two digits)."""

    uscc: str
    year: int
    city: str
    class_code: str
    effective: int
    external: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What is counted with a day and replaces what was counted before.

    `opening`: instruments that owe it and those open to others, by unit; `sharing`: effective and
    external minutes of general instruments, by unit and year.
    """

    hours: Sequence[HoursRow] = ()
    places: Sequence[PlaceRow] = ()
    opening: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # owed, opened
    sharing: Mapping[tuple[str, int], tuple[int, int]] = field(default_factory=dict)


@contextmanager
def open_daily(home: Home) -> Iterator[sqlite3.Connection]:
    """The file, made where there is none."""
    make_private(home.daily)
    with closing(sqlite3.connect(home.daily, timeout=60, isolation_level=None)) as db:
        write_ahead(db)
        for statement in _TABLES:
            db.execute(statement)
        yield db


def note_day(
    db: sqlite3.Connection, day: date, stands: Mapping[tuple[str, str], Stand], sums: Sums
) -> None:
    """Keep how it stands on a day, by unit and rule; a second time on that day counts instead."""
    today = day.isoformat()
    with writing(db):
        db.execute("DELETE FROM stand WHERE day = ?", [today])
        before = _latest(db)
        gone = {key: Stand(0, 0) for key, stand in before.items() if key not in stands and stand.of}
        changed = {
            key: stand for key, stand in (dict(stands) | gone).items() if before.get(key) != stand
        }
        db.executemany(
            "INSERT INTO stand VALUES (?, ?, ?, ?, ?)",
            [(uscc, rule, today, *stand) for (uscc, rule), stand in changed.items()],
        )
        db.execute("INSERT OR IGNORE INTO day VALUES (?)", [today])
        _replace(db, "hours", sums.hours)
        _replace(db, "place", sums.places)
        _replace(db, "opening", ((uscc, *each) for uscc, each in sums.opening.items()))
        _replace(db, "sharing", ((*key, *each) for key, each in sums.sharing.items()))


def _latest(db: sqlite3.Connection) -> dict[tuple[str, str], Stand]:
    rows = db.execute("SELECT uscc, rule, met, of, max(day) FROM stand GROUP BY uscc, rule")
    return {(uscc, rule): Stand(met, of) for uscc, rule, met, of, _ in rows}


def _replace(db: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    db.execute(f"DELETE FROM {table}")
    for row in rows:
        db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def course(
    db: sqlite3.Connection, rule: str, within: Collection[str] | None = None
) -> dict[date, Stand]:
    """How one rule stood on each day that was counted, over all units of a scope."""
    scope = "" if within is None else " AND uscc IN (SELECT value FROM json_each(:within))"
    rows = db.execute(
        f"SELECT day, uscc, met, of FROM stand WHERE rule = :rule{scope} ORDER BY day",
        {"rule": rule, "within": orjson.dumps(sorted(within or ())).decode()},
    )
    days = [day for (day,) in db.execute("SELECT day FROM day ORDER BY day")]
    known: dict[str, Stand] = {}
    met = of = 0
    found: dict[date, Stand] = {}
    changes = iter(rows.fetchall())
    change = next(changes, None)
    for day in days:
        while change is not None and change[0] <= day:
            uscc, now = change[1], Stand(*change[2:])
            before = known.get(uscc, Stand(0, 0))
            met, of = met + now.met - before.met, of + now.of - before.of
            known[uscc] = now
            change = next(changes, None)
        if of:
            found[date.fromisoformat(day)] = Stand(met, of)
    return found
