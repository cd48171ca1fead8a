"""What the gateway has taken, sealed as it came; the only SQL of the gateway beside the outbox.

A line is one body: of tier `hub`, or of tier `nat` still sealed, with the identity it belongs to.
In each tier the last line of an identity is its state (feed §4).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import write_ahead
from fenhe_protocol.forwarded import Standing
from fenhe_protocol.record import SEALED_TIER

TABLES = """
CREATE TABLE IF NOT EXISTS line(
  origin TEXT, idx INTEGER, tier TEXT, epoch INTEGER NOT NULL, uscc TEXT NOT NULL,
  kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, deleted INTEGER NOT NULL,
  key TEXT NOT NULL, fault TEXT NOT NULL, untold INTEGER NOT NULL,
  PRIMARY KEY(origin, idx, tier));
CREATE INDEX IF NOT EXISTS line_of ON line(kind, uscc, id, tier, epoch, idx);
CREATE TABLE IF NOT EXISTS erased(
  uscc TEXT, kind TEXT, id TEXT, fresh INTEGER NOT NULL, PRIMARY KEY(uscc, kind, id));
CREATE TABLE IF NOT EXISTS instrument(
  uscc TEXT, id TEXT, state TEXT NOT NULL, PRIMARY KEY(uscc, id));
"""
_COLUMNS = "origin, idx, tier, uscc, kind, id, body, deleted, key, fault"
NOT_OURS = "seal.key"
NO_KEY = "destroyed"  # its key was: what is left says whose it was, and holds nothing
Range = Sequence[int]


@dataclass(frozen=True, slots=True)
class Line:
    """One body. `key` and `fault` are of tier `nat`: sealed to which key, why it is of no use."""

    origin: str
    index: int
    tier: str
    uscc: str
    kind: str = ""
    id: str = ""
    body: bytes = b""
    deleted: bool = False
    key: str = ""
    fault: str = ""

    @property
    def epoch(self) -> int:
        """Of its log: 1, or n for `usage.n`."""
        number = self.origin.rpartition("/")[2].partition(".")[2]
        return int(number) if number.isdecimal() else 1


class Store:
    """Lines by place and by identity, and instruments at the platform."""

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._db = sqlite3.connect(path)
        write_ahead(self._db)
        for pragma in ("synchronous=FULL", "secure_delete=ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all that happens inside, or nothing."""
        with self._db:
            yield

    def put(self, line: Line) -> None:
        """Keep a line; what is sealed to us is to be told to the hub, once."""
        untold = line.tier == SEALED_TIER and line.fault != NOT_OURS
        self._db.execute(
            f"INSERT OR REPLACE INTO line({_COLUMNS}, epoch, untold) VALUES({'?, ' * 11}?)",
            (*_row(line), line.epoch, untold),
        )
        if line.tier == SEALED_TIER and not line.fault:
            self._db.execute(
                "DELETE FROM erased WHERE (uscc, kind, id)=(?, ?, ?) AND NOT fresh",
                (line.uscc, line.kind, line.id),
            )

    def erase(self, origin: str, start: int, stop: int, tiers: Iterable[str] | None) -> None:
        """Let lines [start, stop) of a log go, of all tiers where none is named; `scour` is due."""
        named = None if tiers is None else set(tiers)
        for tier in ("hub", SEALED_TIER):
            if named is None or tier in named:
                where = (origin, start, stop, tier)
                self._db.execute(
                    "INSERT OR REPLACE INTO erased SELECT DISTINCT uscc, kind, id, 1 FROM line"
                    " WHERE origin=? AND idx>=? AND idx<? AND tier=?",
                    where,
                )
                self._db.execute(
                    "DELETE FROM line WHERE origin=? AND idx>=? AND idx<? AND tier=?", where
                )

    def scour_due(self) -> bool:
        """Whether bytes of what was erased may be left, here or in the outbox."""
        return self._db.execute("SELECT 1 FROM erased WHERE fresh LIMIT 1").fetchone() is not None

    def scoured(self) -> None:
        """The outbox has obeyed; leave no byte here either, and only then say that it is done."""
        self.sweep()
        with self.transaction():
            self._db.execute("DELETE FROM erased WHERE id=''")
            self._db.execute("UPDATE erased SET fresh=0")

    def has_left(self, kind: str, uscc: str, id: str) -> bool:
        """Whether its unit deleted or erased a record; a destroyed key alone takes none away."""
        lines = [self.state(kind, tier, uscc, id) for tier in ("hub", SEALED_TIER)]
        if lines[0] is None or any(line is not None and line.deleted for line in lines):
            return True
        erased = self._db.execute(
            "SELECT 1 FROM erased WHERE (uscc, kind, id)=(?, ?, ?)", (uscc, kind, id)
        )
        return erased.fetchone() is not None

    def drop_key(self, key: str) -> int:
        """Let go what was sealed to a destroyed key, but not whose it was; how many lines."""
        self._db.execute("DELETE FROM line WHERE key=? AND fault<>''", (key,))
        return self._db.execute(
            "UPDATE line SET body=x'', fault=? WHERE key=?", (NO_KEY, key)
        ).rowcount

    def sweep(self) -> None:
        """Leave no byte of what went, in the file or its journal."""
        self._db.execute("VACUUM")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def states(self, kind: str, tier: str) -> Iterator[Line]:
        """The last line of every identity of a kind in a tier, ordered by identity."""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM line l WHERE kind=? AND tier=? AND fault='' AND NOT EXISTS("
            " SELECT 1 FROM line n WHERE n.kind=l.kind AND n.uscc=l.uscc AND n.id=l.id"
            " AND n.tier=l.tier AND n.fault='' AND (n.epoch, n.idx) > (l.epoch, l.idx))"
            " ORDER BY uscc, id",
            (kind, tier),
        )
        return map(_line, rows)

    def state(self, kind: str, tier: str, uscc: str, id: str) -> Line | None:
        """The last line of one identity in a tier."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM line WHERE kind=? AND tier=? AND uscc=? AND id=?"
            " AND fault='' ORDER BY epoch DESC, idx DESC LIMIT 1",
            (kind, tier, uscc, id),
        ).fetchone()
        return _line(row) if row else None

    def sealed(self) -> Iterator[Line]:
        """Every sealed line that is of use."""
        query = f"SELECT {_COLUMNS} FROM line WHERE tier=? AND fault='' ORDER BY origin, idx"
        return map(_line, self._db.execute(query, (SEALED_TIER,)))

    def untold(self) -> dict[str, list[int]]:
        """The indices of sealed lines of which the hub does not know yet that they are here."""
        found: dict[str, list[int]] = {}
        for origin, index in self._db.execute(
            "SELECT origin, idx FROM line WHERE untold ORDER BY origin, idx"
        ):
            found.setdefault(origin, []).append(index)
        return found

    def mark_told(self, origin: str, indices: Iterable[int]) -> None:
        """The hub has been told of these."""
        self._db.executemany(
            "UPDATE line SET untold=0 WHERE origin=? AND idx=? AND tier=?",
            [(origin, index, SEALED_TIER) for index in indices],
        )

    def put_instruments(self, standings: Iterable[Standing]) -> None:
        """Take what the hub says of instruments in place of what it said before."""
        self._db.execute("DELETE FROM instrument")
        self._db.executemany("INSERT OR REPLACE INTO instrument VALUES(?,?,?)", standings)

    def instruments(self) -> dict[tuple[str, str], str]:
        """How each instrument stands, by unit and id."""
        rows = self._db.execute("SELECT uscc, id, state FROM instrument")
        return {(uscc, id): state for uscc, id, state in rows}

    def keys(self) -> Counter[str]:
        """How many lines are sealed to each key."""
        rows = self._db.execute(
            "SELECT key, count(*) FROM line WHERE tier=? AND fault='' GROUP BY key", (SEALED_TIER,)
        )
        return Counter(dict(rows.fetchall()))

    def sealing_to(self, key: str, newer: Iterable[str]) -> list[str]:
        """The units (USCC) that have sealed to a key, and to none of the newer ones."""
        moved, found = set[str](), self._sealers(key)
        for each in newer:
            moved |= self._sealers(each)
        return sorted(found - moved)

    def _sealers(self, key: str) -> set[str]:
        rows = self._db.execute(
            "SELECT DISTINCT uscc FROM line WHERE tier=? AND key=?", (SEALED_TIER, key)
        )
        return {uscc for (uscc,) in rows}

    def faults(self) -> Counter[str]:
        """How many sealed lines are of no use, by the code that says why."""
        rows = self._db.execute(
            "SELECT fault, count(*) FROM line WHERE fault NOT IN ('', ?) GROUP BY fault", (NO_KEY,)
        )
        return Counter(dict(rows.fetchall()))


def _row(line: Line) -> tuple[object, ...]:
    where = (line.origin, line.index, line.tier, line.uscc, line.kind, line.id)
    return (*where, line.body, line.deleted, line.key, line.fault)


def _line(row: Sequence[object]) -> Line:
    origin, index, tier, uscc, kind, id, body, deleted, key, fault = row
    assert isinstance(index, int) and isinstance(body, bytes)
    return Line(
        str(origin),
        index,
        str(tier),
        str(uscc),
        str(kind),
        str(id),
        body,
        bool(deleted),
        str(key),
        str(fault),
    )
