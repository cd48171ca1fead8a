"""Reports that were made: of which period, at which place of `fed`, with which hash."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fenhe_protocol.fed import Act

MADE = "report.made"
TABLES = """
CREATE TABLE report(
  seq INTEGER PRIMARY KEY, period TEXT NOT NULL, place TEXT NOT NULL, at INTEGER NOT NULL,
  by TEXT NOT NULL, sha256 TEXT NOT NULL, partial INTEGER NOT NULL
);
CREATE INDEX report_place ON report(period, place);
"""
_COLUMNS = "period, place, at, by, sha256, partial"


@dataclass(frozen=True, slots=True)
class MadeReport:
    """One report as its act tells of it; `place` is `<epoch>-<size>`."""

    period: str
    place: str
    at: int
    by: str
    sha256: str
    is_partial: bool


def made_reports(db: sqlite3.Connection, period: str | None = None) -> Iterator[MadeReport]:
    """All reports, or those of a period: the newest first."""
    where, values = ("1", []) if period is None else ("period = ?", [period])
    rows = db.execute(f"SELECT {_COLUMNS} FROM report WHERE {where} ORDER BY seq DESC", values)
    for about, place, at, by, sha256, partial in rows:
        yield MadeReport(about, place, at, by, sha256, bool(partial))


def _make(db: sqlite3.Connection, act: Act) -> None:
    told = act.details
    place = f"{told.get('epoch', '')}-{told.get('size', '')}"
    db.execute(
        f"INSERT INTO report({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        [
            *(act.subject, place, act.at, act.by),
            *(str(told.get("sha256", "")), int(bool(told.get("partial")))),
        ],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {MADE: _make}
