"""Invitation sheets that were sent by mail, and what became of each. Start at `mails_of`.

Times are POSIX seconds; `state` is queued, or what a mail server said: accepted, failed.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE invitation_mail(
  number TEXT PRIMARY KEY, unit TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  address TEXT NOT NULL, state TEXT NOT NULL, trouble TEXT NOT NULL, settled_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX invitation_mail_unit ON invitation_mail(unit, number);
"""

QUEUED, ACCEPTED, FAILED = "queued", "accepted", "failed"
STATE_LABELS: Mapping[str, tuple[str, str]] = {
    QUEUED: ("等待寄出", "queued"),
    ACCEPTED: ("已送达邮件服务器", "taken by the mail server"),
    FAILED: ("没有送达", "failed"),
}


@dataclass(frozen=True, slots=True)
class InvitationMail:
    """One letter with the sheet; `settled_at` is 0 while it waits."""

    number: str
    unit: str
    at: int
    by: str
    address: str
    state: str
    trouble: str
    settled_at: int


def mails_of(db: sqlite3.Connection, uscc: str) -> list[InvitationMail]:
    """The letters to a unit, the newest first."""
    return _read(db, "unit = ? ORDER BY at DESC, number DESC", [uscc])


def waiting_mails(db: sqlite3.Connection) -> list[InvitationMail]:
    """Those of which nothing is known yet but that they were queued."""
    return _read(db, "state = ? ORDER BY number", [QUEUED])


def last_mails(db: sqlite3.Connection) -> dict[str, InvitationMail]:
    """The newest letter to each unit."""
    return {each.unit: each for each in _read(db, "1 ORDER BY at, number", [])}


def _read(db: sqlite3.Connection, where: str, values: list[object]) -> list[InvitationMail]:
    columns = ", ".join(InvitationMail.__slots__)
    rows = db.execute(f"SELECT {columns} FROM invitation_mail WHERE {where}", values)
    return [InvitationMail(*row) for row in rows]


def _mail(db: sqlite3.Connection, act: Act) -> None:
    told = {name: str(act.details.get(name, "")) for name in _NAMES}
    if told["state"] == QUEUED:
        db.execute(
            "INSERT OR IGNORE INTO invitation_mail VALUES (?, ?, ?, ?, ?, ?, '', 0)",
            [told["number"], act.subject, act.at, act.by, told["address"], QUEUED],
        )
        db.execute("UPDATE obliged SET mailbox = ? WHERE uscc = ?", [told["address"], act.subject])
    else:
        db.execute(
            "UPDATE invitation_mail SET state = ?, trouble = ?, settled_at = ? WHERE number = ?",
            [told["state"], told["trouble"], act.at, told["number"]],
        )


_NAMES = ("number", "address", "state", "trouble")
FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {"obliged.mailed": _mail}
