"""All acts in the order in which they happened: the office's audit log. Start at `acts`.

What stands here stands in `fed` as well, where nobody can change or drop it unseen.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from fenhe_hub.casework.conditions import equal
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE act(
  seq INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, by TEXT NOT NULL,
  name TEXT NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL, details TEXT NOT NULL
);
CREATE INDEX act_subject ON act(subject, seq);
CREATE INDEX act_unit ON act(unit, seq);
"""
FOLDS: Mapping[str, Any] = {}


def is_known(db: sqlite3.Connection, number: str) -> bool:
    """Whether the act of this number is in."""
    return db.execute("SELECT 1 FROM act WHERE number = ?", [number]).fetchone() is not None


def add(db: sqlite3.Connection, act: Act) -> None:
    """Put an act at the end; its unit is what its details call `unit`."""
    unit = act.details.get("unit", "")
    details = orjson.dumps(dict(act.details), option=orjson.OPT_SORT_KEYS).decode()
    row = (act.number, act.at, act.by, act.name, act.subject, str(unit), details)
    db.execute(
        "INSERT INTO act(number, at, by, name, subject, unit, details)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def acts(
    db: sqlite3.Connection, *, subject: str | None = None, unit: str | None = None
) -> Iterator[Act]:
    """The acts on a subject, of a unit, or all: the newest first."""
    where, values = equal(subject=subject, unit=unit)
    rows = db.execute(
        f"SELECT number, at, by, name, subject, details FROM act WHERE {where} ORDER BY seq DESC",
        values,
    )
    for number, at, by, name, about, details in rows:
        yield Act(number, at, by, name, about, orjson.loads(details))
