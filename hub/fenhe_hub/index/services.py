"""Every service record that lives, as far as a rule looks at it: one row for an identity.

The rows follow from the bodies in the mirror and from `body`, but not in the same transaction:
`untold` says of which leaves they still have to be told (`ingest.services` does it before a check),
so that taking records in costs no more than before. Like the full text they are in no `dump`; told
to the end, an index made again has the same rows.

A `quarter` is four times the year and the quarter from 0 on, by the date as the unit wrote it; what
tells no time has quarter 0. A `place` is a leaf as one number, in the order of epochs and leaves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

KIND = "service_record"
INTERNAL, EXTERNAL, SMALL_FIRM = 0, 1, 2
_PLACES = 1 << 40  # leaves of one log

SCHEMA = """
CREATE TABLE service(                         -- the state of every service record, told later
  unit_no INTEGER, instrument TEXT, quarter INTEGER, started INTEGER, id TEXT,
  ended INTEGER NOT NULL, place INTEGER NOT NULL, minutes INTEGER NOT NULL,
  excess INTEGER NOT NULL,                    -- effective minutes beyond those from start to end
  party INTEGER NOT NULL, fen INTEGER NOT NULL, samples INTEGER, way INTEGER, fee_line TEXT,
  rating INTEGER,
  PRIMARY KEY(unit_no, instrument, quarter, started, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX service_identity ON service(unit_no, id);
CREATE TABLE untold(                          -- leaves of usage logs that are indexed, not told
  log_no INTEGER, start INTEGER, stop INTEGER NOT NULL, PRIMARY KEY(log_no, start)
) WITHOUT ROWID;
CREATE TABLE told(                            -- leaves below were told at least once
  log_no INTEGER PRIMARY KEY, stop INTEGER NOT NULL
);
"""


class ServiceRow(NamedTuple):
    """One row of `service`. Times are POSIX seconds, 0 where none is told."""

    unit_no: int
    instrument: str
    quarter: int
    started: int
    id: str
    ended: int
    place: int
    minutes: int
    excess: int
    party: int
    fen: int
    samples: int | None
    way: int | None
    fee_line: str | None
    rating: int | None = None


def place_of(log_no: int, index: int) -> int:
    """A leaf as one number: leaves of a later epoch come after those of an earlier one."""
    return log_no * _PLACES + index


def leaf_at(place: int) -> tuple[int, int]:
    """(log_no, index) of a place."""
    return divmod(place, _PLACES)


def service_row(unit_no: int, log_no: int, index: int, body: Mapping[str, Any]) -> ServiceRow:
    """What a valid `hub` body of a service record, no deletion, comes to."""
    told = body.get
    start, end = told("started_at"), told("ended_at")
    quarter, started = _time(start) if start else (0, 0)
    end_quarter, ended = _time(end) if end else (0, 0)
    minutes = told("effective_minutes", 0)
    excess = minutes - (ended - started) // 60 if start and end else 0
    return ServiceRow(
        unit_no,
        told("instrument", ""),
        quarter or end_quarter,
        started,
        body["id"],
        ended,
        place_of(log_no, index),
        minutes,
        excess,
        _party(told("user_class", "internal")),
        told("amount_fen", 0),
        told("samples"),
        told("way"),
        told("fee_line"),
        told("rating"),
    )


@lru_cache(100_000)  # times are told to the hour: a year has some nine thousand
def _time(text: str) -> tuple[int, int]:
    quarter = int(text[:4]) * 4 + (int(text[5:7]) - 1) // 3
    return quarter, int(datetime.fromisoformat(text).timestamp())


def _party(user_class: str) -> int:
    if user_class == "internal":
        return INTERNAL
    return SMALL_FIRM if user_class == "tech_sme" else EXTERNAL


_PUT = f"INSERT OR REPLACE INTO service VALUES ({','.join('?' * len(ServiceRow._fields))})"


def put_services(db: sqlite3.Connection, rows: Iterable[ServiceRow]) -> None:
    """Put states in place of what was told of the same identities, in the caller's transaction."""
    db.executemany(_PUT, rows)


def drop_services(db: sqlite3.Connection, unit_no: int, ids: Iterable[str]) -> None:
    """Take identities out."""
    db.executemany(
        "DELETE FROM service WHERE unit_no = ? AND id = ?", ((unit_no, id_) for id_ in ids)
    )


def ids_between(
    db: sqlite3.Connection, unit_no: int, log_no: int, start: int, stop: int
) -> set[str]:
    """The identities whose state was told of these leaves; reads all rows of the unit."""
    rows = db.execute(
        "SELECT id FROM service WHERE unit_no = ? AND place >= ? AND place < ?",
        (unit_no, place_of(log_no, start), place_of(log_no, stop)),
    )
    return {row[0] for row in rows}


def mark_untold(db: sqlite3.Connection, log_no: int, start: int, stop: int) -> None:
    """Say that services of these leaves are to be told, in the transaction that indexes them."""
    db.execute(
        "INSERT INTO untold VALUES (?, ?, ?)"
        " ON CONFLICT(log_no, start) DO UPDATE SET stop = max(stop, excluded.stop)",
        (log_no, start, stop),
    )


def owed_by_unit(db: sqlite3.Connection) -> dict[int, list[tuple[int, int, int]]]:
    """Of which leaves services are still to be told: (log_no, start, stop), by unit."""
    owed: dict[int, list[tuple[int, int, int]]] = {}
    for unit_no, *leaves in db.execute(
        "SELECT l.unit_no, u.log_no, u.start, u.stop FROM untold u JOIN log l USING(log_no)"
        " ORDER BY u.log_no, u.start"
    ):
        owed.setdefault(unit_no, []).append((leaves[0], leaves[1], leaves[2]))
    return owed


def mark_told(db: sqlite3.Connection, log_no: int, start: int, stop: int) -> None:
    """Say that these leaves are told, in the transaction that tells them."""
    owed = db.execute(
        "SELECT start, stop FROM untold WHERE log_no = ? AND start < ? AND stop > ?",
        (log_no, stop, start),
    ).fetchall()
    db.execute(
        "DELETE FROM untold WHERE log_no = ? AND start < ? AND stop > ?", (log_no, stop, start)
    )
    for first, end in owed:
        if first < start:
            mark_untold(db, log_no, first, start)
        if end > stop:
            mark_untold(db, log_no, stop, end)
    db.execute(
        "INSERT INTO told VALUES (?, ?)"
        " ON CONFLICT(log_no) DO UPDATE SET stop = max(stop, excluded.stop)",
        (log_no, stop),
    )
