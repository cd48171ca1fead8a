"""Who works at the hub: the accounts, their roles, and the authority that each belongs to.

Passwords are not here: the scrypt of each lies in a file of its own and is never said in `fed`.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE account(
  name TEXT PRIMARY KEY, role TEXT NOT NULL,
  authority TEXT NOT NULL,           -- its number; empty: the province as a whole
  made_at INTEGER NOT NULL, ended_at INTEGER
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `role` is a value of `office.roles.Role`."""

    name: str
    role: str
    authority: str
    made_at: int
    ended_at: int | None


def account(db: sqlite3.Connection, name: str) -> Account | None:
    """The living account of this name."""
    row = db.execute(
        "SELECT name, role, authority, made_at, ended_at FROM account"
        " WHERE name = ? AND ended_at IS NULL",
        [name],
    ).fetchone()
    return Account(*row) if row else None


def accounts(db: sqlite3.Connection) -> list[Account]:
    """All accounts, ended ones too, by name."""
    rows = db.execute("SELECT name, role, authority, made_at, ended_at FROM account ORDER BY name")
    return [Account(*row) for row in rows]


def _put(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "INSERT INTO account VALUES (?, ?, ?, ?, NULL) ON CONFLICT(name) DO UPDATE SET"
        " role = excluded.role, authority = excluded.authority, ended_at = NULL",
        [act.subject, act.details.get("role", ""), act.details.get("authority", ""), act.at],
    )


def _end(db: sqlite3.Connection, act: Act) -> None:
    db.execute("UPDATE account SET ended_at = ? WHERE name = ?", [act.at, act.subject])


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "account.made": _put,
    "account.changed": _put,
    "account.ended": _end,
}
