"""Results of the authorities' evaluations (绩效评价, policy 二(五)). Start at `evaluations`.

Until a final result exists, signs of poor sharing (D8) are no ground for measures, and nothing is
reallocated. A result is of a unit, or of one of its instruments, for a year.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fenhe_hub.casework.conditions import equal
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE evaluation(
  unit TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,   -- empty: the unit as a whole
  year INTEGER NOT NULL, result TEXT NOT NULL, final INTEGER NOT NULL,
  document TEXT NOT NULL, decided_on TEXT NOT NULL, body TEXT NOT NULL, place TEXT NOT NULL,
  entered_at INTEGER NOT NULL, PRIMARY KEY(unit, kind, id, year)
) WITHOUT ROWID;
"""


class Result(StrEnum):
    """The grades; a rule set says which of them may lead to what."""

    EXCELLENT = "excellent"
    GOOD = "good"
    QUALIFIED = "qualified"
    POOR = "poor"


RESULT_LABELS: Mapping[Result, tuple[str, str]] = {
    Result.EXCELLENT: ("优秀", "excellent"),
    Result.GOOD: ("良好", "good"),
    Result.QUALIFIED: ("合格", "qualified"),
    Result.POOR: ("较差", "poor"),
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One result: `kind` and `id` name the instrument, empty for the unit as a whole."""

    unit: str
    kind: str
    id: str
    year: int
    result: str
    final: bool
    document: str
    decided_on: str
    body: str
    place: str = ""
    entered_at: int = 0


def evaluations(db: sqlite3.Connection, *, unit: str | None = None) -> list[Evaluation]:
    """All of them, or those of a unit, the newest year first."""
    where, values = equal(unit=unit)
    rows = db.execute(
        "SELECT unit, kind, id, year, result, final, document, decided_on, body, place, entered_at"
        f" FROM evaluation WHERE {where} ORDER BY year DESC, unit, kind, id",
        values,
    )
    return [Evaluation(u, k, i, y, r, bool(final), *last) for u, k, i, y, r, final, *last in rows]


def _register(db: sqlite3.Connection, act: Act) -> None:
    told = {name: str(act.details.get(name, "")) for name in _NAMES}
    year = act.details.get("year", 0)
    db.execute(
        "INSERT OR REPLACE INTO evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(told[name] for name in ("unit", "kind", "id")),
            year if isinstance(year, int) else 0,
            told["result"],
            int(bool(act.details.get("final", 0))),
            *(told[name] for name in ("document", "decided_on", "body", "place")),
            act.at,
        ],
    )


def _withdraw(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "DELETE FROM evaluation WHERE unit = ? AND kind = ? AND id = ? AND year = ?",
        [*(str(act.details.get(n, "")) for n in ("unit", "kind", "id")), act.details.get("year")],
    )


_NAMES = ("unit", "kind", "id", "result", "document", "decided_on", "body", "place")
FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "evaluation.registered": _register,
    "evaluation.withdrawn": _withdraw,
}
