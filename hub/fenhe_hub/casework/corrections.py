"""Findings withdrawn by the rule set that made them, each with what is said of it in public.

Start at `corrections`. The findings themselves are not changed: `rules.overlay` shows them so.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fenhe_hub.rules import overlaid
from fenhe_protocol.encoding import date_at
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE correction(
  number TEXT PRIMARY KEY, rules TEXT NOT NULL,  -- sha256 of the rule set
  rule TEXT NOT NULL,                            -- of one rule of it alone; empty: all
  reason TEXT NOT NULL, document TEXT NOT NULL, body TEXT NOT NULL,
  withdrawn_at INTEGER NOT NULL, withdrawn_by TEXT NOT NULL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """One withdrawal: document and deciding body as far as there are; times in POSIX seconds."""

    number: str
    rules: str
    rule: str
    reason: str
    document: str
    body: str
    withdrawn_at: int
    withdrawn_by: str

    def laid_over(self) -> overlaid.Correction:
        """As the rules take it."""
        day = date.fromisoformat(date_at(self.withdrawn_at))
        return overlaid.Correction(self.rules, self.reason, day, self.number, self.rule)


def corrections(db: sqlite3.Connection) -> list[Correction]:
    """All of them, the newest first."""
    rows = db.execute(
        "SELECT number, rules, rule, reason, document, body, withdrawn_at, withdrawn_by"
        " FROM correction ORDER BY withdrawn_at DESC, number DESC"
    )
    return [Correction(*row) for row in rows]


def _withdraw(db: sqlite3.Connection, act: Act) -> None:
    told = [str(act.details.get(name, "")) for name in _NAMES]
    db.execute(
        "INSERT OR IGNORE INTO correction VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [act.subject, *told, act.at, act.by],
    )


_NAMES = ("rules", "rule", "reason", "document", "body")
FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {"finding.withdrawn": _withdraw}
