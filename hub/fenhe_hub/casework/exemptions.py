"""Exemptions that were asked for, granted, refused and revoked. Start at `exemptions_in_force`.

A subject is a finding `<uscc>/<rule>/<kind>/<id>`, a record by every rule `<uscc>/*/<kind>/<id>`,
or a rule of a unit `<uscc>/<rule>`. What is classified is never a subject: it appears nowhere, not
even as exempt, so a request that says so is not even kept (`office.exempting`).
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from fenhe_hub.casework.conditions import equal
from fenhe_hub.rules import overlaid
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE exemption(
  number TEXT PRIMARY KEY, subject TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,
  asked_at INTEGER NOT NULL, asked_by TEXT NOT NULL,
  source TEXT NOT NULL,              -- a document, or the leaf of the unit that asks for it
  reason TEXT NOT NULL,
  approver TEXT NOT NULL, filing_no TEXT NOT NULL, valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  decided_at INTEGER, decided_by TEXT NOT NULL, document TEXT NOT NULL, answer TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX exemption_unit ON exemption(unit, number);
"""


class Stage(StrEnum):
    """What became of a request."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


STAGE_LABELS: Mapping[Stage, tuple[str, str]] = {
    Stage.ASKED: ("待审定", "to be decided"),
    Stage.GRANTED: ("已批准", "granted"),
    Stage.REFUSED: ("不批准", "refused"),
    Stage.REVOKED: ("已撤销", "revoked"),
}


@dataclass(frozen=True, slots=True)
class Exemption:
    """One request and its decision. Days are ISO dates, empty where not decided; `valid_until` is
    the last day, empty: without end. Times are POSIX seconds.
    """

    number: str
    subject: str
    unit: str
    state: str
    asked_at: int
    asked_by: str
    source: str
    reason: str
    approver: str = ""
    filing_no: str = ""
    valid_from: str = ""
    valid_until: str = ""
    decided_at: int | None = None
    decided_by: str = ""
    document: str = ""
    answer: str = ""

    def is_in_force(self, on: date) -> bool:
        """Whether it exempts from something on a day."""
        day = on.isoformat()
        open_end = not self.valid_until or day <= self.valid_until
        return self.state == Stage.GRANTED and self.valid_from <= day and open_end

    def laid_over(self) -> overlaid.Exemption:
        """As the rules take it; only of one that was granted."""
        until = date.fromisoformat(self.valid_until) if self.valid_until else None
        return overlaid.Exemption(
            subject=overlaid.Subject.parse(self.subject),
            approver=self.approver,
            reason=self.reason,
            filing_no=self.filing_no,
            start=date.fromisoformat(self.valid_from),
            until=until,
            number=self.number,
        )


def exemptions(
    db: sqlite3.Connection, *, unit: str | None = None, state: Stage | None = None
) -> list[Exemption]:
    """Requests and decisions, of a unit or all, the newest first."""
    where, values = equal(unit=unit, state=state)
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM exemption WHERE {where} ORDER BY asked_at DESC, number DESC",
        values,
    )
    return [Exemption(*row) for row in rows]


def exemption(db: sqlite3.Connection, number: str) -> Exemption | None:
    """The one of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM exemption WHERE number = ?", [number]).fetchone()
    return Exemption(*row) if row else None


def exemptions_in_force(db: sqlite3.Connection, on: date) -> tuple[overlaid.Exemption, ...]:
    """All that exempt on a day, as the rules lay them over findings."""
    granted = exemptions(db, state=Stage.GRANTED)
    return tuple(each.laid_over() for each in granted if each.is_in_force(on))


def expiring(all_of_them: Iterable[Exemption], today: date, days: int = 60) -> list[Exemption]:
    """Those in force that end within so many days, the first to end at the top."""
    last = (today + timedelta(days=days)).isoformat()
    soon = [e for e in all_of_them if e.is_in_force(today) and "" < e.valid_until <= last]
    return sorted(soon, key=lambda each: (each.valid_until, each.number))


_COLUMNS = (
    "number, subject, unit, state, asked_at, asked_by, source, reason, approver, filing_no,"
    " valid_from, valid_until, decided_at, decided_by, document, answer"
)


def _ask(db: sqlite3.Connection, act: Act) -> None:
    told = [str(act.details.get(name, "")) for name in ("subject", "unit", "source", "reason")]
    subject, unit, source, reason = told
    db.execute(
        "INSERT OR IGNORE INTO exemption VALUES"
        " (?, ?, ?, 'asked', ?, ?, ?, ?, '', '', '', '', NULL, '', '', '')",
        [act.subject, subject, unit, act.at, act.by, source, reason],
    )


def _grant(db: sqlite3.Connection, act: Act) -> None:
    names = ("approver", "reason", "filing_no", "from", "until", "document")
    db.execute(
        "UPDATE exemption SET state = 'granted', approver = ?, reason = ?, filing_no = ?,"
        " valid_from = ?, valid_until = ?, document = ?, decided_at = ?, decided_by = ?"
        " WHERE number = ?",
        [*(str(act.details.get(name, "")) for name in names), act.at, act.by, act.subject],
    )


def _answer(state: Stage) -> Callable[[sqlite3.Connection, Act], None]:
    def fold(db: sqlite3.Connection, act: Act) -> None:
        answer, document = (str(act.details.get(name, "")) for name in ("answer", "document"))
        db.execute(
            "UPDATE exemption SET state = ?, answer = ?, document = ?, decided_at = ?,"
            " decided_by = ? WHERE number = ?",
            [state, answer, document, act.at, act.by, act.subject],
        )

    return fold


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "exemption.asked": _ask,
    "exemption.granted": _grant,
    "exemption.refused": _answer(Stage.REFUSED),
    "exemption.revoked": _answer(Stage.REVOKED),
}
