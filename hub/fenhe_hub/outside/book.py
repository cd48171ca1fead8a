"""`outside.sqlite`: what was seen of each address that records give. Start at `open_book`.

Not to be had again, and nothing but findings of D12 stands on it: without the file the hub begins
to look anew, and whoever failed before fails from that day on.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import write_ahead, writing
from fenhe_hub.home import Home
from fenhe_hub.outside.looking import Look, Seen

_TABLES = (
    "CREATE TABLE IF NOT EXISTS address(uscc TEXT, url TEXT, looked_at INTEGER NOT NULL,"
    " answered_at INTEGER, failing_since INTEGER, away INTEGER NOT NULL, seen TEXT NOT NULL,"
    " why TEXT NOT NULL, PRIMARY KEY(uscc, url)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS round(one INTEGER PRIMARY KEY CHECK(one = 1), at INTEGER NOT NULL)",
)
_COLUMNS = "uscc, url, looked_at, answered_at, failing_since, away, seen, why"
Key = tuple[str, str]
"""(unit's code, address)."""


@dataclass(frozen=True, slots=True)
class Address:
    """What is known of one address of one unit. Times are POSIX seconds, 0 or None for never.

    `failing_since`: the first of an unbroken row of failures; `away`: for how many seconds of that
    row the hub could not look; `why`: the status or code of the last look.
    """

    uscc: str
    url: str
    looked_at: int = 0
    answered_at: int | None = None
    failing_since: int | None = None
    away: int = 0
    seen: Seen = Seen.UNKNOWN
    why: str = ""

    @property
    def counted_from(self) -> int | None:
        """From when on its failing counts against the unit."""
        return None if self.failing_since is None else self.failing_since + self.away

    @property
    def state(self) -> Seen:
        """How it stands: a look that came to nothing leaves it as it was."""
        if self.failing_since is not None:
            return Seen.FAILS
        return Seen.UNKNOWN if self.answered_at is None else Seen.ANSWERS

    def after(self, look: Look, now: int) -> Address:
        """The same after another look."""
        told = replace(self, looked_at=now, seen=look.seen, why=look.why)
        if look.seen is Seen.ANSWERS:
            return replace(told, answered_at=now, failing_since=None, away=0)
        if look.seen is Seen.BARRED:
            return replace(told, answered_at=None, failing_since=None, away=0)
        if look.seen is Seen.FAILS and self.failing_since is None:
            return replace(told, failing_since=now, away=0)
        return told


@contextmanager
def open_book(home: Home) -> Iterator[Book]:
    """The book, made where there is none."""
    make_private(home.outside)
    with closing(sqlite3.connect(home.outside, timeout=60, isolation_level=None)) as db:
        write_ahead(db)
        for statement in _TABLES:
            db.execute(statement)
        yield Book(db)


def seen_outside(home: Home) -> dict[str, dict[str, Address]]:
    """All addresses by unit; nothing where nobody ever looked."""
    found: dict[str, dict[str, Address]] = {}
    if home.outside.exists():
        with open_book(home) as book:
            for each in book.all().values():
                found.setdefault(each.uscc, {})[each.url] = each
    return found


def states_outside(home: Home) -> Counter[str]:
    """How many addresses stand how."""
    return Counter(each.state for known in seen_outside(home).values() for each in known.values())


class Book:
    """The addresses, one row for each of a unit."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self) -> dict[Key, Address]:
        """Everything that is known."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM address ORDER BY uscc, url")
        return {
            (uscc, url): Address(uscc, url, looked, answered, failing, away, Seen(seen), why)
            for uscc, url, looked, answered, failing, away, seen, why in rows
        }

    def looked_at(self) -> int:
        """When the hub last looked and was not cut off itself; 0 for never."""
        row = self._db.execute("SELECT at FROM round").fetchone()
        return int(row[0]) if row else 0

    def keep(self, looks: Mapping[Key, Look], now: int, away: int) -> None:
        """Keep what a round saw, after `away` seconds in which the hub could not look."""
        with writing(self._db):
            self._db.execute(
                "UPDATE address SET away = away + ? WHERE failing_since IS NOT NULL", [away]
            )
            known = self.all()
            for key, look in looks.items():
                self._write(known.get(key, Address(*key)).after(look, now))
            self._db.execute("INSERT OR REPLACE INTO round VALUES (1, ?)", [now])

    def _write(self, each: Address) -> None:
        self._db.execute(
            f"INSERT OR REPLACE INTO address({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",
            [
                *(each.uscc, each.url, each.looked_at, each.answered_at),
                *(each.failing_since, each.away, each.seen, each.why),
            ],
        )

    def forget_others(self, given: Container[Key] = ()) -> None:
        """Drop what no record gives any more."""
        with writing(self._db):
            for key in self.all():
                if key not in given:
                    self._db.execute("DELETE FROM address WHERE uscc = ? AND url = ?", key)
