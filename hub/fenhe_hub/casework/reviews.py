"""Decisions of the authorities' reviews before a purchase (查重评议, policy 二(四); rule D10).

A fact on the hub's side, never a field that the unit fills in. Start at `reviews`.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fenhe_hub.casework.conditions import equal
from fenhe_hub.rules.facts import Review as ReviewFact
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE review(
  unit TEXT NOT NULL, number TEXT NOT NULL, plan TEXT NOT NULL, item TEXT NOT NULL,
  decided_on TEXT NOT NULL, supported INTEGER NOT NULL, body TEXT NOT NULL, place TEXT NOT NULL,
  entered_at INTEGER NOT NULL, PRIMARY KEY(unit, number, plan)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Review:
    """One decision: its document number, the purchase plan it speaks of (or the name of the item),
    the day, whether the purchase is supported, and who decided.
    """

    unit: str
    number: str
    plan: str
    item: str
    decided_on: str
    supported: bool
    body: str
    place: str = ""
    entered_at: int = 0

    def as_fact(self) -> ReviewFact:
        """As the rules take it."""
        return ReviewFact(
            self.number, self.plan, date.fromisoformat(self.decided_on), self.supported
        )


def reviews(db: sqlite3.Connection, *, unit: str | None = None) -> list[Review]:
    """All of them, or those of a unit, by unit and number."""
    where, values = equal(unit=unit)
    rows = db.execute(
        "SELECT unit, number, plan, item, decided_on, supported, body, place, entered_at"
        f" FROM review WHERE {where} ORDER BY unit, number, plan",
        values,
    )
    return [Review(u, n, p, i, on, bool(yes), *last) for u, n, p, i, on, yes, *last in rows]


def _register(db: sqlite3.Connection, act: Act) -> None:
    told = {name: str(act.details.get(name, "")) for name in _NAMES}
    db.execute(
        "INSERT OR REPLACE INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(told[name] for name in ("unit", "number", "plan", "item", "decided_on")),
            int(bool(act.details.get("supported", 1))),
            *(told[name] for name in ("body", "place")),
            act.at,
        ],
    )


def _withdraw(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "DELETE FROM review WHERE unit = ? AND number = ? AND plan = ?",
        [str(act.details.get(name, "")) for name in ("unit", "number", "plan")],
    )


_NAMES = ("unit", "number", "plan", "item", "decided_on", "body", "place")
FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "review.registered": _register,
    "review.withdrawn": _withdraw,
}
