"""What units objected to, and the answers. Start at `objections_on`.

An objection stands beside its finding whether it is answered or not, and whatever the answer is.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fenhe_hub.casework.conditions import equal
from fenhe_hub.rules import overlaid
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE objection(
  number TEXT PRIMARY KEY, subject TEXT NOT NULL, unit TEXT NOT NULL,
  raised_on TEXT NOT NULL, text TEXT NOT NULL,
  statement TEXT NOT NULL,           -- what the unit wants to stand there for everyone
  source TEXT NOT NULL,              -- a document, or the leaf of the unit's reply
  notice TEXT NOT NULL,              -- the notice it answers, if any
  entered_at INTEGER NOT NULL, entered_by TEXT NOT NULL,
  decision TEXT NOT NULL, answer TEXT NOT NULL, document TEXT NOT NULL,
  answered_at INTEGER, answered_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX objection_unit ON objection(unit, number);
CREATE UNIQUE INDEX objection_source ON objection(source, subject);
"""


class Decision(StrEnum):
    """What became of an objection."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


DECISION_LABELS: Mapping[str, tuple[str, str]] = {
    "": ("未答复", "open"),
    Decision.UPHELD: ("成立", "upheld"),
    Decision.PARTLY: ("部分成立", "upheld in part"),
    Decision.REJECTED: ("不成立", "rejected"),
}


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection and its answer; `decision` is empty while it is open."""

    number: str
    subject: str
    unit: str
    raised_on: str
    text: str
    statement: str
    source: str
    notice: str
    entered_at: int
    entered_by: str
    decision: str = ""
    answer: str = ""
    document: str = ""
    answered_at: int | None = None
    answered_by: str = ""

    def laid_over(self) -> overlaid.Objection:
        """As the rules take it."""
        return overlaid.Objection(
            subject=overlaid.Subject.parse(self.subject),
            number=self.number,
            raised_on=date.fromisoformat(self.raised_on),
            text=self.text,
            decision=self.decision,
            statement=self.statement,
        )


def objections(db: sqlite3.Connection, *, unit: str | None = None) -> list[Objection]:
    """All of them, or those of a unit, the newest first."""
    where, values = equal(unit=unit)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM objection WHERE {where} ORDER BY entered_at DESC, number DESC",
        values,
    )
    return [Objection(*row) for row in rows]


def objection(db: sqlite3.Connection, number: str) -> Objection | None:
    """The one of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM objection WHERE number = ?", [number]).fetchone()
    return Objection(*row) if row else None


def is_entered(db: sqlite3.Connection, source: str, subject: str) -> bool:
    """Whether what this leaf or document says of a subject is here already."""
    row = db.execute(
        "SELECT 1 FROM objection WHERE source = ? AND subject = ?", [source, subject]
    ).fetchone()
    return row is not None


def objections_on(db: sqlite3.Connection) -> tuple[overlaid.Objection, ...]:
    """All of them as the rules lay them over findings, the oldest first."""
    return tuple(each.laid_over() for each in reversed(objections(db)))


_COLUMNS = (
    "number, subject, unit, raised_on, text, statement, source, notice, entered_at, entered_by,"
    " decision, answer, document, answered_at, answered_by"
)


def _raise(db: sqlite3.Connection, act: Act) -> None:
    names = ("subject", "unit", "raised_on", "text", "statement", "source", "notice")
    db.execute(
        "INSERT OR IGNORE INTO objection VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', NULL, '')",
        [act.subject, *(str(act.details.get(name, "")) for name in names), act.at, act.by],
    )


def _answer(db: sqlite3.Connection, act: Act) -> None:
    names = ("decision", "answer", "document")
    db.execute(
        "UPDATE objection SET decision = ?, answer = ?, document = ?, answered_at = ?,"
        " answered_by = ? WHERE number = ?",
        [*(str(act.details.get(name, "")) for name in names), act.at, act.by, act.subject],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "objection.raised": _raise,
    "objection.answered": _answer,
}
