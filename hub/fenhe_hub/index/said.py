"""What the notes, the evidence and `fed` say, written into the index and read back by the hub.

Like `apply`, every function here leaves the same rows however often and in whatever portions it is
called. The caller holds the transaction.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import orjson

from fenhe_protocol.position import Position

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row of `unit` without its number; `enrolled_at` is 0 until the `reg` stands in `fed`."""

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


def add_unit(db: sqlite3.Connection, unit: UnitRow) -> None:
    """Add a unit under the next number."""
    db.execute(
        "INSERT INTO unit SELECT 1 + ifnull(max(unit_no), 0), ?, ?, ?, ?, ?, ?, ? FROM unit",
        astuple(unit),
    )


def put_registration(
    db: sqlite3.Connection, origin: str, at: Position, fields: Mapping[str, Any]
) -> None:
    """Take in the `reg` that stands there in `fed`, whose heartbeats up to it are in already."""
    known = db.execute("SELECT enrolled_at FROM unit WHERE origin = ?", [origin]).fetchone()
    if known is None:
        add_unit(db, UnitRow(origin, enrolled_at=0, **{name: fields[name] for name in _TOLD}))
    beat = db.execute(
        "SELECT at FROM beat WHERE (epoch, idx) <= (?, ?) ORDER BY epoch DESC, idx DESC LIMIT 1", at
    ).fetchone()
    db.execute(
        "UPDATE unit SET uscc = ?, state = ?, url = ?, root1 = ?, depth = ?, enrolled_at = ?"
        " WHERE origin = ?",
        [
            *(fields[name] for name in _TOLD),
            (known[0] if known else 0) or (beat[0] if beat else 0),
            origin,
        ],
    )


_TOLD = ("uscc", "state", "url", "root1", "depth")


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
    db: sqlite3.Connection,
    place: Position,
    sayings: Iterable[Saying] = (),
    beats: Iterable[tuple[int, int]] = (),
) -> None:
    """Take in `fed` up to a place: bodies of that epoch in their order, `h` leaves (index, t)."""
    db.executemany(
        "INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?, ?)",
        ((said.kind, said.id, place.epoch, said.index, said.tier, said.body) for said in sayings),
    )
    db.executemany(
        "INSERT OR REPLACE INTO beat VALUES (?, ?, ?)", ((place.epoch, *beat) for beat in beats)
    )
    db.execute("INSERT OR REPLACE INTO fed VALUES (?, ?)", place)


def put_said(
    db: sqlite3.Connection, kind: str, id_: str, last: tuple[Position, Saying] | None
) -> None:
    """Set the last word on a subject, of which a word was erased; None: nothing is left."""
    db.execute("DELETE FROM said WHERE kind = ? AND id = ?", [kind, id_])
    if last is not None:
        at, said = last
        row = (said.kind, said.id, *at, said.tier, said.body)
        db.execute("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?)", row)


def fed_place(db: sqlite3.Connection) -> Position:
    """How far `fed` is read."""
    return Position(*db.execute("SELECT epoch, size FROM fed ORDER BY epoch DESC").fetchone())


def said_of(db: sqlite3.Connection, kind: str, id_: str) -> dict[str, Any] | None:
    """The last word on one subject."""
    row = db.execute("SELECT body FROM said WHERE kind = ? AND id = ?", [kind, id_]).fetchone()
    return orjson.loads(row[0]) if row else None


def last_said(db: sqlite3.Connection, kind: str) -> dict[str, Any] | None:
    """The last word of a kind, on whatever subject."""
    row = db.execute(
        "SELECT body FROM said WHERE kind = ? ORDER BY epoch DESC, idx DESC LIMIT 1", [kind]
    ).fetchone()
    return orjson.loads(row[0]) if row else None


def said_under(
    db: sqlite3.Connection, kind: str, prefix: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The last words on all subjects whose id begins so."""
    rows = db.execute(
        "SELECT id, body FROM said WHERE kind = ? AND id >= ? AND id < ? ORDER BY id",
        [kind, prefix, prefix + "\U0010ffff"],
    )
    return ((id_, orjson.loads(body)) for id_, body in rows.fetchall())


def first_dates(db: sqlite3.Connection, places: Iterable[tuple[str, int]]) -> Iterator[str]:
    """The dates that an `rcp` has said for these leaves, as (origin, index) (feed §4)."""
    for origin, index in places:
        if (said := said_of(db, "rcp", f"{origin}#{index}")) is not None:
            yield said["first"]


def last_beat(db: sqlite3.Connection) -> int | None:
    """`t` of the last heartbeat of `fed`."""
    row = db.execute("SELECT at FROM beat ORDER BY epoch DESC, idx DESC LIMIT 1").fetchone()
    return row[0] if row else None
