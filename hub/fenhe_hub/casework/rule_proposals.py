"""Rule sets that were proposed, and what became of each. Start at `proposals`.

The act that proposes a set holds all its bytes: what was decided is what stands there, and no file
beside the log has to be believed. Times are POSIX seconds.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE rule_proposal(
  number TEXT PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, text TEXT NOT NULL,
  reason TEXT NOT NULL, state TEXT NOT NULL,
  proposed_at INTEGER NOT NULL, proposed_by TEXT NOT NULL,
  ended_at INTEGER NOT NULL, ended_by TEXT NOT NULL, answer TEXT NOT NULL,
  document_no TEXT NOT NULL, decided_on TEXT NOT NULL, decided_by TEXT NOT NULL
) WITHOUT ROWID;
"""


class Stage(StrEnum):
    """What became of a proposal."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STAGE_LABELS: Mapping[Stage, tuple[str, str]] = {
    Stage.PROPOSED: ("待决定", "to be decided"),
    Stage.ADOPTED: ("已施行", "put in force"),
    Stage.REJECTED: ("不予采纳", "rejected"),
    Stage.WITHDRAWN: ("已撤回", "withdrawn"),
}


@dataclass(frozen=True, slots=True)
class RuleProposal:
    """One proposed set; who ended it, why or by which document, is empty while it waits."""

    number: str
    name: str
    sha256: str
    text: str
    reason: str
    state: Stage
    proposed_at: int
    proposed_by: str
    ended_at: int
    ended_by: str
    answer: str
    document_no: str
    decided_on: str
    decided_by: str

    @property
    def raw(self) -> bytes:
        """The set's bytes."""
        return self.text.encode()


def proposals(db: sqlite3.Connection) -> list[RuleProposal]:
    """All of them, the newest first."""
    return _read(db, "1", [])


def proposal(db: sqlite3.Connection, number: str) -> RuleProposal | None:
    """The one of this number."""
    return next(iter(_read(db, "number = ?", [number])), None)


def last_adopted(db: sqlite3.Connection) -> RuleProposal | None:
    """The set that was put in force last, by the order of the acts."""
    row = db.execute(
        "SELECT subject FROM act WHERE name = 'rules.adopted' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    return None if row is None else proposal(db, row[0])


_COLUMNS = ", ".join(RuleProposal.__slots__)


def _read(db: sqlite3.Connection, where: str, values: list[object]) -> list[RuleProposal]:
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM rule_proposal WHERE {where} ORDER BY number DESC", values
    )
    named = (dict(zip(RuleProposal.__slots__, row, strict=True)) for row in rows)
    return [RuleProposal(**{**each, "state": Stage(each["state"])}) for each in named]


def _propose(db: sqlite3.Connection, act: Act) -> None:
    name, text, reason = (str(act.details.get(each, "")) for each in ("name", "text", "reason"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    db.execute(
        "INSERT OR IGNORE INTO rule_proposal"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', '', '', '')",
        [act.subject, name, digest, text, reason, Stage.PROPOSED, act.at, act.by],
    )
    # The table has it once: a set is long, and pages list acts.
    db.execute(
        "UPDATE act SET details = json_patch(details, json_object('text', NULL, 'sha256', ?))"
        " WHERE number = ?",
        [digest, act.number],
    )


def _end(stage: Stage) -> Callable[[sqlite3.Connection, Act], None]:
    names = ("reason", "document_no", "decided_on", "decided_by")

    def fold(db: sqlite3.Connection, act: Act) -> None:
        told = [str(act.details.get(name, "")) for name in names]
        db.execute(
            "UPDATE rule_proposal SET state = ?, ended_at = ?, ended_by = ?, answer = ?,"
            " document_no = ?, decided_on = ?, decided_by = ? WHERE number = ? AND state = ?",
            [stage, act.at, act.by, *told, act.subject, Stage.PROPOSED],
        )

    return fold


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "rules.proposed": _propose,
    "rules.adopted": _end(Stage.ADOPTED),
    "rules.rejected": _end(Stage.REJECTED),
    "rules.withdrawn": _end(Stage.WITHDRAWN),
}
