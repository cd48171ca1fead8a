"""Units on their way in: the address they gave, what it serves, and what was decided of it.

Start at `applications`. Nobody is in the registry by this: `desk.applying` puts them there, once a
person has compared two fingerprints.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE application(
  number TEXT PRIMARY KEY, state TEXT NOT NULL, url TEXT NOT NULL, private INTEGER NOT NULL,
  root1 TEXT NOT NULL,               -- the document as it was brought; empty: the node answers
  uscc TEXT NOT NULL, origin TEXT NOT NULL,
  served TEXT NOT NULL,              -- fingerprint of what the node serves, as it was seen last
  trouble TEXT NOT NULL,             -- code: why nothing was seen
  reason TEXT NOT NULL, opened_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, by TEXT NOT NULL,
  wrong INTEGER NOT NULL             -- how often another fingerprint was typed than was served
) WITHOUT ROWID;
"""


class Stage(StrEnum):
    """How far a unit has come."""

    WAITING = "waiting"
    HELD = "held"
    APPROVED = "approved"
    REFUSED = "refused"


STAGE_LABELS: Mapping[Stage, tuple[str, str]] = {
    Stage.WAITING: ("待核对", "waiting"),
    Stage.HELD: ("暂缓", "on hold"),
    Stage.APPROVED: ("已登记", "approved"),
    Stage.REFUSED: ("未予登记", "refused"),
}


@dataclass(frozen=True, slots=True)
class Application:
    """One unit on its way in. Times are POSIX seconds."""

    number: str
    state: str
    url: str
    private: bool
    root1: str
    uscc: str
    origin: str
    served: str
    trouble: str
    reason: str
    opened_at: int
    changed_at: int
    by: str
    wrong: int

    @property
    def is_open(self) -> bool:
        """Whether something is still to be decided."""
        return self.state in (Stage.WAITING, Stage.HELD)

    @property
    def pushes(self) -> bool:
        """Whether its root document was brought, because nobody can reach its node."""
        return bool(self.root1)


_COLUMNS = (
    "number, state, url, private, root1, uscc, origin, served, trouble, reason, opened_at,"
    " changed_at, by, wrong"
)
_SEEN = ("uscc", "origin", "served", "trouble")


def applications(db: sqlite3.Connection) -> list[Application]:
    """All of them by number."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM application ORDER BY number")
    return [_application(row) for row in rows]


def application(db: sqlite3.Connection, number: str) -> Application | None:
    """The one of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM application WHERE number = ?", [number]).fetchone()
    return _application(row) if row else None


def _application(row: tuple[object, ...]) -> Application:
    number, state, url, private, *rest = row
    return Application(number, state, url, bool(private), *rest)  # type: ignore[arg-type]


def _told(act: Act, *names: str) -> list[str]:
    return [str(act.details.get(name, "")) for name in names]


def _open(db: sqlite3.Connection, act: Act) -> None:
    (url, root1), seen = _told(act, "url", "root1"), _told(act, *_SEEN)
    private = int(bool(act.details.get("private", 0)))
    db.execute(
        "INSERT OR REPLACE INTO application VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 0)",
        [act.subject, Stage.WAITING, url, private, root1, *seen, act.at, act.at, act.by],
    )


def _look(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE application SET uscc = ?, origin = ?, served = ?, trouble = ?, changed_at = ?"
        " WHERE number = ?",
        [*_told(act, *_SEEN), act.at, act.subject],
    )


def _differ(db: sqlite3.Connection, act: Act) -> None:
    db.execute("UPDATE application SET wrong = wrong + 1 WHERE number = ?", [act.subject])


def _stage(stage: Stage) -> Callable[[sqlite3.Connection, Act], None]:
    def fold(db: sqlite3.Connection, act: Act) -> None:
        db.execute(
            "UPDATE application SET state = ?, reason = ?, changed_at = ?, by = ? WHERE number = ?",
            [stage, *_told(act, "reason"), act.at, act.by, act.subject],
        )

    return fold


def _enrolled(db: sqlite3.Connection, act: Act) -> None:
    """Whoever is in, on whatever way, has nothing open any more."""
    db.execute(
        "UPDATE application SET state = ?, reason = '', changed_at = ?, by = ?"
        " WHERE number = ? OR (origin = ? AND state IN (?, ?))",
        [
            *(Stage.APPROVED, act.at, act.by, *_told(act, "application")),
            *(act.subject, Stage.WAITING, Stage.HELD),
        ],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "application.opened": _open,
    "application.looked": _look,
    "application.differed": _differ,
    "application.held": _stage(Stage.HELD),
    "application.resumed": _stage(Stage.WAITING),
    "application.refused": _stage(Stage.REFUSED),
    "node.enrolled": _enrolled,
}
