"""Letters that wait to go out, and what became of them: `mail.sqlite` of the hub.

    post(home, Letter("office@example.org", "限期整改通知 N-2026-0001", text, about=uscc), now)

What went out keeps no text, but to whom, of what and when: `last_sent` shows it at each unit. What
cannot be delivered stands in `troubled` until a person has looked (`forget_failed`).
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from fenhe_client.mailing import queue
from fenhe_client.mailing.settings import MailServer
from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import run_script, writing
from fenhe_hub.home import Home
from fenhe_protocol.errors import StoreError

KEPT_SECONDS = 3 * 365 * 86_400  # when who was written to is asked for years later
_AT_ONCE = 50

_TABLES = """
CREATE TABLE IF NOT EXISTS outgoing_mail(
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  about TEXT NOT NULL,               -- a unit's code, or whatever else the letter is about
  to_address TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  made_at INTEGER NOT NULL, next_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, trouble TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'waiting', settled_at INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS outgoing_mail_waiting ON outgoing_mail(state, next_at);
CREATE INDEX IF NOT EXISTS outgoing_mail_about ON outgoing_mail(about, number);
CREATE TABLE IF NOT EXISTS digest_sent(  -- what the last digest said, so that it is not repeated
  one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL, said TEXT NOT NULL
);
"""
_COLUMNS = "number, about, to_address, subject, body, made_at, next_at, attempts, trouble, state"


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to write; `about` is a unit's code, or what else it concerns."""

    to: str
    subject: str
    body: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class QueuedLetter:
    """One letter of the queue; `state` is waiting, sent or failed, `settled_at` when it changed."""

    number: int
    about: str
    to_address: str
    subject: str
    body: str
    made_at: int
    next_at: int
    attempts: int
    trouble: str
    state: str
    settled_at: int


class Outgoing:
    """The queue, open: what `fenhe_client.mailing.queue` sends from."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @classmethod
    @contextmanager
    def open(cls, home: Home) -> Iterator[Self]:
        """Open the hub's; StoreError `store.open`."""
        file = home.path / "mail.sqlite"
        make_private(file)
        try:
            db = sqlite3.connect(file, timeout=60, isolation_level=None)
            try:
                db.execute("PRAGMA secure_delete = ON")
                if not _version(db):  # asked at every look at the hub's health: no lock for that
                    with writing(db):
                        run_script(db, f"{_TABLES}PRAGMA user_version=1;")
                yield cls(db)
            finally:
                db.close()
        except sqlite3.Error as error:
            raise StoreError("store.open", where=str(file), found=str(error)) from error

    def add(self, letters: Sequence[Letter], now: int) -> list[int]:
        """Queue letters, all or none; their numbers."""
        sql = "INSERT INTO outgoing_mail(about, to_address, subject, body, made_at, next_at)"
        with writing(self._db):
            return [
                int(
                    self._db.execute(
                        f"{sql} VALUES (?,?,?,?,?,?) RETURNING number",
                        [each.about, each.to, each.subject, each.body, now, now],
                    ).fetchone()[0]
                )
                for each in letters
            ]

    def due(self, now: int) -> list[QueuedLetter]:
        """See `queue.Queue`."""
        return self._rows(
            "state = 'waiting' AND next_at <= ? ORDER BY number LIMIT ?", now, _AT_ONCE
        )

    def settle(
        self, number: int, state: str, *, attempts: int, now: int, next_at: int = 0, trouble: str
    ) -> None:
        """See `queue.Queue`. What was sent keeps no text."""
        self._db.execute(
            "UPDATE outgoing_mail SET state = ?, attempts = ?, next_at = ?, trouble = ?,"
            " settled_at = ?, body = CASE ? WHEN 'sent' THEN '' ELSE body END WHERE number = ?",
            [state, attempts, next_at, trouble, now, state, number],
        )

    def troubled(self) -> list[QueuedLetter]:
        """The letters that failed for good, or have not gone out at the first attempt."""
        return self._rows("state = 'failed' OR (state = 'waiting' AND attempts > 0)")

    def of(self, about: str) -> list[QueuedLetter]:
        """The letters about one thing, oldest first."""
        return self._rows("about = ? ORDER BY number", about)

    def last_sent(self, about: str) -> QueuedLetter | None:
        """The newest letter about it that the mail server took."""
        found = self._rows("about = ? AND state = 'sent' ORDER BY number DESC LIMIT 1", about)
        return found[0] if found else None

    def counts(self) -> dict[str, int]:
        """How many letters there are by state: waiting, sent, failed."""
        return dict(self._db.execute("SELECT state, count(*) FROM outgoing_mail GROUP BY state"))

    def oldest_waiting(self) -> int | None:
        """When the oldest letter was made that has not gone out."""
        sql = "SELECT min(made_at) FROM outgoing_mail WHERE state = 'waiting'"
        found: int | None = self._db.execute(sql).fetchone()[0]
        return found

    def forget_failed(self) -> int:
        """Delete the letters that are tried no more, once a person has seen them; count them."""
        return self._db.execute("DELETE FROM outgoing_mail WHERE state = 'failed'").rowcount

    def drop(self, about: str, mark: str) -> int:
        """Delete letters about a thing whose subjects begin so, sent or not; count them."""
        sql = "DELETE FROM outgoing_mail WHERE about = ? AND substr(subject, 1, length(?)) = ?"
        return self._db.execute(sql, [about, mark, mark]).rowcount

    def delete_old(self, now: int) -> int:
        """Delete what is settled and was made very long ago; count it."""
        sql = "DELETE FROM outgoing_mail WHERE state <> 'waiting' AND made_at < ?"
        return self._db.execute(sql, [now - KEPT_SECONDS]).rowcount

    def digest(self) -> tuple[int, str]:
        """When the last digest was queued and what it said; (0, "") before the first."""
        return self._db.execute("SELECT at, said FROM digest_sent").fetchone() or (0, "")

    def put_digest(self, at: int, said: str) -> None:
        """Remember what the digest says."""
        self._db.execute("INSERT OR REPLACE INTO digest_sent VALUES (1, ?, ?)", [at, said])

    def _rows(self, where: str, *values: object) -> list[QueuedLetter]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS}, settled_at FROM outgoing_mail WHERE {where}", values
        )
        return [QueuedLetter(*row) for row in rows]


def _version(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def post(home: Home, letter: Letter, now: int) -> int:
    """Queue one letter durably; its number. It goes out with the next round of `serve`."""
    with Outgoing.open(home) as outgoing:
        return outgoing.add([letter], now)[0]


def send_due(home: Home, settings: MailServer, now: int) -> int:
    """Send what is due and give how many letters went out."""
    if not settings.sends:
        return 0
    with Outgoing.open(home) as outgoing:
        outgoing.delete_old(now)
        return queue.send_due(outgoing, settings, home.path, now)
