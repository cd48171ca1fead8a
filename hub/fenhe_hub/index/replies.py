"""What units answered to notices, and how the findings stand on which measures rest."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from fenhe_hub.index.places import receipt
from fenhe_hub.rules.overlaid import Subject

KIND = "notice_reply"


@dataclass(frozen=True, slots=True)
class Reply:
    """The present state of a unit's reply to a notice; what is empty was not said.

    `text` is for the hub and its supervisors, `statement` for everyone. `received_at` is the time
    of its receipt, POSIX seconds.
    """

    number: str
    reply: str
    text: str
    statement: str
    replied_on: str
    received_at: int | None

    @property
    def objected(self) -> bool:
        """Whether the unit objects."""
        return self.reply == "objected"


def reply_to(db: sqlite3.Connection, uscc: str, number: str) -> Reply | None:
    """The reply of a unit to the notice of this number."""
    row = db.execute(
        "SELECT r.pub, r.hub, r.log_no, max(ifnull(r.pub_idx, -1), ifnull(r.hub_idx, -1))"
        " FROM resource r JOIN unit u USING(unit_no)"
        " WHERE u.uscc = ? AND r.kind = ? AND r.id = ? AND r.deleted_on IS NULL"
        " ORDER BY u.state = 'enrolled' DESC, u.unit_no DESC",
        [uscc, KIND, number],
    ).fetchone()
    if row is None:
        return None
    pub, hub, log_no, index = row
    told = (orjson.loads(hub) if hub else {}) | (orjson.loads(pub) if pub else {})
    names = ("reply", "text", "statement", "replied_on")
    texts = {name: str(told.get(name, "")) for name in names}
    return Reply(number, **texts, received_at=receipt(db, log_no, index))


def states_of(db: sqlite3.Connection, findings: Iterable[str]) -> dict[str, str]:
    """How each finding stands by the last check; empty where there is no such finding now."""
    return {id_: _state(db, Subject.parse(id_)) for id_ in findings}


def _state(db: sqlite3.Connection, finding: Subject) -> str:
    row = db.execute(
        "SELECT f.state FROM finding f JOIN unit u USING(unit_no)"
        " WHERE u.uscc = ? AND f.rule = ? AND f.kind = ? AND f.id = ?",
        [finding.uscc, finding.rule, finding.kind, finding.id],
    ).fetchone()
    return str(row[0]) if row else ""
