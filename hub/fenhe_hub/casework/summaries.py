"""Summaries of reports that everyone may read: which are out, and what each says.

A summary is a file of its own beside the report, with no figure from which anything that is not
public follows; its hash stands in the act that lets it out. Start at `summaries_out`.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from fenhe_hub.home import Home
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import Act
from fenhe_protocol.strict_json import NotStrictJson, dumps, loads

TABLES = """
CREATE TABLE summary_out(
  period TEXT PRIMARY KEY, place TEXT NOT NULL, sha256 TEXT NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL, document TEXT NOT NULL
) WITHOUT ROWID;
"""
FORM = "fenhe/report-summary/v1"


@dataclass(frozen=True, slots=True)
class SummaryOut:
    """One summary that is out; `place` is `<epoch>-<size>` of `fed`."""

    period: str
    place: str
    sha256: str
    at: int
    by: str
    document: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What is said of one unit: counts of what it has in public, and what it declared."""

    uscc: str
    name: str
    resources: int
    instruments: int
    declared: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A whole one; maps are from a code to how many, `findings` are (rule, state, how many)."""

    period: str
    hub: str
    epoch: int
    size: int
    root: str
    made_at: str
    rules_name: str
    rules_sha256: str
    totals: Mapping[str, int]
    kinds: Mapping[str, int]
    bands: Mapping[str, int]
    classes: Mapping[str, int]
    cities: Mapping[str, int]
    findings: tuple[tuple[str, str, int], ...]
    units: tuple[UnitLine, ...]

    def encode(self) -> bytes:
        """The file."""
        told = asdict(self)
        rows = [list(each) for each in self.findings]
        return dumps({"form": FORM, **told, "findings": rows, "units": [*told["units"]]}) + b"\n"

    @classmethod
    def decode(cls, raw: bytes) -> "Summary":
        """Read a file of our own; StoreError `store.damaged`."""
        try:
            told: dict[str, Any] = loads(raw)
            if told.pop("form") != FORM:
                raise ValueError("form")
            told["findings"] = tuple((rule, state, n) for rule, state, n in told["findings"])
            told["units"] = tuple(UnitLine(**each) for each in told["units"])
            return cls(**told)
        except (NotStrictJson, ValueError, TypeError, KeyError) as error:
            raise StoreError("store.damaged", where="reports", found=str(error)) from error


def summaries_out(db: sqlite3.Connection) -> list[SummaryOut]:
    """Those that are out, the latest period first; a year stands before its months."""
    rows = db.execute("SELECT period, place, sha256, at, by, document FROM summary_out")
    found = [SummaryOut(*row) for row in rows]
    return sorted(found, key=lambda each: (each.period[:4], each.period[4:] or "~"), reverse=True)


def summary_out(db: sqlite3.Connection, period: str) -> SummaryOut | None:
    """The one of a period."""
    return next((each for each in summaries_out(db) if each.period == period), None)


def summary_file(home: Home, out_period: str, place: str) -> Path:
    """Where a summary lies."""
    return home.path / "reports" / f"{out_period}@{place}.public.json"


def summary_bytes(home: Home, out: SummaryOut) -> bytes:
    """Its file; StoreError `store.damaged` where it is lost or not the one that was let out."""
    file = summary_file(home, out.period, out.place)
    raw = file.read_bytes() if file.is_file() else b""
    if (found := sha256(raw).hexdigest()) != out.sha256:
        where = f"reports/{file.name}"
        raise StoreError("store.damaged", where=where, expected=out.sha256, found=found)
    return raw


def _let_out(db: sqlite3.Connection, act: Act) -> None:
    names = ("place", "sha256", "document")
    place, digest, document = (str(act.details.get(name, "")) for name in names)
    db.execute(
        "INSERT OR REPLACE INTO summary_out VALUES (?, ?, ?, ?, ?, ?)",
        [act.subject, place, digest, act.at, act.by, document],
    )


def _take_back(db: sqlite3.Connection, act: Act) -> None:
    db.execute("DELETE FROM summary_out WHERE period = ?", [act.subject])


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "report.published": _let_out,
    "report.taken_back": _take_back,
}
