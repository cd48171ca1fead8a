"""What the notes, the evidence and `fed` say, written into the index and read back by the hub.

Like `apply`, every function here leaves the same rows however often and in whatever portions it is
called. The caller holds the transaction.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row of `unit`; `enrolled_at` is 0 until the `reg` stands in `fed`."""

    unit_no: int
    origin: str
    uscc: str
    state: str
    url: str
    root1: str
    depth: int
    enrolled_at: int


@dataclass(frozen=True, slots=True)
class Saying:
    """One body of `fed`: what the hub said of a subject."""

    kind: str
    id: str
    index: int
    tier: str
    body: str


def put_units(db: sqlite3.Connection, units: Iterable[UnitRow]) -> None:
    """Set the units; a number once given is never another unit's."""
    db.executemany(
        "INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, units)
    )


def put_heads(db: sqlite3.Connection, log_no: int, heads: Iterable[tuple[int, int]]) -> None:
    """Set the cosigned heads (size, at) of a log, and which of them is the latest."""
    known = sorted(heads, key=lambda head: (head[0], head[1]))
    db.execute("DELETE FROM head WHERE log_no = ?", [log_no])
    db.executemany("INSERT INTO head VALUES (?, ?, ?)", [(log_no, size, at) for size, at in known])
    size, at = known[-1] if known else (0, None)
    db.execute(
        "UPDATE log SET cosigned_size = ?, cosigned_at = ? WHERE log_no = ?", [size, at, log_no]
    )


def add_head(db: sqlite3.Connection, log_no: int, size: int, at: int) -> None:
    """Add the head that was just cosigned."""
    db.execute("INSERT OR IGNORE INTO head VALUES (?, ?, ?)", [log_no, size, at])
    db.execute(
        "UPDATE log SET cosigned_size = ?, cosigned_at = ? WHERE log_no = ?", [size, at, log_no]
    )


def put_quarantine(db: sqlite3.Connection, log_no: int, quarantined: bool) -> None:
    """Mark or clear a log of which evidence lies in the home."""
    db.execute("UPDATE log SET quarantined = ? WHERE log_no = ?", [int(quarantined), log_no])


def put_erased(db: sqlite3.Connection, log_no: int, erased: Mapping[str, Sequence[Range]]) -> None:
    """Set what is erased in a log: for each tier disjoint ranges in order."""
    db.execute("DELETE FROM erased WHERE log_no = ?", [log_no])
    db.executemany(
        "INSERT INTO erased VALUES (?, ?, ?, ?)",
        [(log_no, tier, a, b) for tier, ranges in erased.items() for a, b in ranges],
    )


def erased_of(db: sqlite3.Connection, log_no: int) -> dict[str, tuple[Range, ...]]:
    """What is erased in a log, for each tier."""
    found: dict[str, tuple[Range, ...]] = {}
    rows = db.execute(
        "SELECT tier, start, stop FROM erased WHERE log_no = ? ORDER BY tier, start", [log_no]
    )
    for tier, start, stop in rows:
        found[tier] = (*found.get(tier, ()), (start, stop))
    return found


def put_fed(
    db: sqlite3.Connection, size: int, sayings: Iterable[Saying], beats: Iterable[tuple[int, int]]
) -> None:
    """Take in `fed` up to `size`: its bodies in their order, and its `h` leaves (index, t)."""
    db.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?)", map(astuple, sayings))
    db.executemany("INSERT OR REPLACE INTO beat VALUES (?, ?)", beats)
    db.execute("UPDATE fed SET size = ?", [size])


def fed_size(db: sqlite3.Connection) -> int:
    """How far `fed` is read."""
    found: int = db.execute("SELECT size FROM fed").fetchone()[0]
    return found


def said(db: sqlite3.Connection, kind: str) -> dict[str, Saying]:
    """The last word on every subject of a kind."""
    rows = db.execute("SELECT kind, id, idx, tier, body FROM said WHERE kind = ?", [kind])
    return {row[1]: Saying(*row) for row in rows}
