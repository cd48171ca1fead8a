"""The outbox on disk: items, and every reply as it was received. The only SQL of the forwarder.

Not derivable from the feeds: it holds what the national platform said. Back it up.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import write_ahead
from fenhe_hub.upstream.outbox import Candidate, Item, ItemState, leave
from fenhe_hub.upstream.seam import Reply

TABLES = """
CREATE TABLE IF NOT EXISTS item(
  uscc TEXT, kind TEXT, record_id TEXT, origin TEXT NOT NULL, idx INTEGER NOT NULL, ins_code TEXT,
  payload TEXT NOT NULL, payload_sha256 TEXT NOT NULL, lacking TEXT NOT NULL, state TEXT NOT NULL,
  attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, code INTEGER, delivered_sha256 TEXT,
  audit_status INTEGER NOT NULL, PRIMARY KEY(uscc, kind, record_id));
CREATE INDEX IF NOT EXISTS item_state ON item(state, code, kind, uscc);
CREATE TABLE IF NOT EXISTS reply(
  number INTEGER PRIMARY KEY, uscc TEXT NOT NULL, kind TEXT NOT NULL, record_id TEXT NOT NULL,
  at INTEGER NOT NULL, payload_sha256 TEXT NOT NULL, code INTEGER, raw TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS reply_item ON reply(uscc, kind, record_id, payload_sha256);
CREATE TABLE IF NOT EXISTS approval(
  number INTEGER PRIMARY KEY, uscc TEXT NOT NULL, kind TEXT NOT NULL, record_id TEXT NOT NULL,
  at INTEGER NOT NULL, payload_sha256 TEXT NOT NULL, approver TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hold(
  subject TEXT PRIMARY KEY, at INTEGER NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deed(number TEXT PRIMARY KEY);
"""
COLUMNS = (
    "uscc, kind, record_id, origin, idx, ins_code, payload, payload_sha256, lacking, "
    "state, attempts, next_at, code, delivered_sha256, audit_status"
)
LACKING_SEPARATOR = "\n"
SHOWN = 300  # characters of a fault that a report shows; the store has all


class OutboxStore:
    """Items by (unit, kind, id) and replies in the order they came."""

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._writes = False
        self._db = sqlite3.connect(path)
        write_ahead(self._db)
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that happens inside, or nothing; what begins within another is part of that."""
        if self._writes:
            yield
            return
        self._writes = True
        try:
            with self._db:
                yield
        finally:
            self._writes = False

    @contextmanager
    def deed(self, number: str) -> Iterator[None]:
        """The same for what an act of this number says: `is_done` tells whether it was written."""
        with self.transaction():
            self._db.execute("INSERT INTO deed VALUES (?)", [number])
            yield

    def is_done(self, number: str) -> bool:
        """Whether what the act of this number says was written."""
        found = self._db.execute("SELECT 1 FROM deed WHERE number = ?", [number])
        return found.fetchone() is not None

    def items(self) -> list[Item]:
        """Return every item, in the order of its key."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM item ORDER BY uscc, kind, record_id")
        return [_item(row) for row in rows]

    def item(self, uscc: str, kind: str, record_id: str) -> Item | None:
        """Return one item."""
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM item WHERE uscc=? AND kind=? AND record_id=?",
            (uscc, kind, record_id),
        ).fetchone()
        return _item(row) if row else None

    def put(self, item: Item) -> None:
        """Insert or replace an item."""
        marks = ", ".join("?" * 15)
        self._db.execute(f"INSERT OR REPLACE INTO item({COLUMNS}) VALUES({marks})", _row(item))

    def remove(self, item: Item) -> None:
        """Drop an item."""
        key = item.candidate
        self._db.execute(
            "DELETE FROM item WHERE uscc=? AND kind=? AND record_id=?",
            (key.uscc, key.kind, key.record_id),
        )

    def let_go(self, item: Item) -> None:
        """Drop an item whose record is gone, or keep that it was delivered and nothing else."""
        if (rest := leave(item)) is None:
            self.remove(item)
        elif rest != item:
            self.put(rest)

    def forget(self, is_erased: Callable[[str, int], bool]) -> None:
        """Let go of what was erased, by origin and index; that it was delivered stays (feed §4)."""
        with self.transaction():
            for item in self.items():
                if is_erased(item.candidate.origin, item.candidate.index):
                    self.let_go(item)
        self.scour()

    def scour(self) -> None:
        """After an erasure: no text of an answer to what does not stand here any more.

        An answer may quote what it answers, and whose leaf that was nobody can tell afterwards.
        Then no byte of it in free pages or in the journal.
        """
        self._db.execute("PRAGMA secure_delete=ON")
        with self.transaction():
            self._db.execute(
                "UPDATE reply SET raw='' WHERE raw<>'' AND NOT EXISTS(SELECT 1 FROM item i"
                " WHERE (i.uscc, i.kind, i.record_id, i.payload_sha256)"
                " = (reply.uscc, reply.kind, reply.record_id, reply.payload_sha256))"
            )
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep_reply(self, item: Item, reply: Reply, now: int) -> None:
        """Keep a reply as received, beside the hash of what it answered."""
        key = item.candidate
        self._db.execute(
            "INSERT INTO reply(uscc, kind, record_id, at, payload_sha256, code, raw)"
            " VALUES(?,?,?,?,?,?,?)",
            (key.uscc, key.kind, key.record_id, now, key.payload_sha256, reply.code, reply.raw),
        )

    def keep_approval(self, item: Item, approver: str, now: int) -> None:
        """Keep who let an item go, and for which bytes."""
        key = item.candidate
        self._db.execute(
            "INSERT INTO approval(uscc, kind, record_id, at, payload_sha256, approver)"
            " VALUES(?,?,?,?,?,?)",
            (key.uscc, key.kind, key.record_id, now, key.payload_sha256, approver),
        )

    def hold(self, subject: str, why: str, now: int) -> None:
        """Hold back a unit (its code) or a type (its number)."""
        self._db.execute("INSERT OR REPLACE INTO hold VALUES(?,?,?)", (subject, now, why))

    def release(self, subject: str) -> bool:
        """Let it go again; whether it was held."""
        return self._db.execute("DELETE FROM hold WHERE subject=?", (subject,)).rowcount > 0

    def held(self) -> dict[str, str]:
        """What is held back and why."""
        return dict(self._db.execute("SELECT subject, why FROM hold ORDER BY subject"))

    def last_replies(self) -> dict[tuple[str, str, str], str]:
        """The raw text of the last reply to each item as it stands, by unit, kind and id."""
        rows = self._db.execute(
            "SELECT r.uscc, r.kind, r.record_id, r.raw FROM reply r JOIN item i"
            " USING(uscc, kind, record_id, payload_sha256) ORDER BY r.number"
        )
        return {(uscc, kind, id): raw for uscc, kind, id, raw in rows}

    def last_silence(self) -> str:
        """Return what went wrong when a call last brought no answer; empty if none ever did."""
        row = self._db.execute(
            "SELECT raw FROM reply WHERE code IS NULL ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return str(row[0]).split("\n", 1)[0][:SHOWN] if row else ""

    def replies(self) -> list[tuple[str, str, str, int, int | None, str]]:
        """Return all replies: unit, kind, id, time, code, raw; oldest first."""
        rows = self._db.execute(
            "SELECT uscc, kind, record_id, at, code, raw FROM reply ORDER BY number"
        )
        return list(rows)


def _row(item: Item) -> tuple[object, ...]:
    facts = asdict(item.candidate)
    return (
        facts["uscc"],
        facts["kind"],
        facts["record_id"],
        facts["origin"],
        facts["index"],
        facts["ins_code"],
        facts["payload"],
        facts["payload_sha256"],
        LACKING_SEPARATOR.join(facts["lacking"]),
        item.state.value,
        item.attempts,
        item.next_at,
        item.code,
        item.delivered_sha256,
        item.audit_status,
    )


def _item(row: tuple[Any, ...]) -> Item:
    uscc, kind, record_id, origin, index, ins_code, payload, sha256, lacking = row[:9]
    state, attempts, next_at, code, delivered, audit_status = row[9:]
    reasons = tuple(filter(None, lacking.split(LACKING_SEPARATOR)))
    candidate = Candidate(uscc, kind, record_id, origin, index, ins_code, payload, sha256, reasons)
    return Item(candidate, ItemState(state), attempts, next_at, code, delivered, audit_status)
