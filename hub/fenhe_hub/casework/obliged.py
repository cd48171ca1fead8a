"""Units that must take part, known before any node exists. Start at `obliged_units`, `standing`.

How a unit stands follows from what the office did (listed, invited, waiting, released), from the
hub's own `reg` and from the day: nothing has to be remembered when a deadline passes or a node is
enrolled. No person's name stands here.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import orjson

from fenhe_protocol.encoding import date_at
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE obliged(
  uscc TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, city TEXT NOT NULL,
  authority TEXT NOT NULL,           -- as the list names it: a number or a name
  office TEXT NOT NULL, declared TEXT NOT NULL, counts TEXT NOT NULL, due_on TEXT NOT NULL,
  place TEXT NOT NULL,               -- file, sheet and row of the list it was read from
  listed_at INTEGER NOT NULL,
  invited_at INTEGER, waiting_at INTEGER, origin TEXT NOT NULL, fingerprint TEXT NOT NULL,
  released TEXT NOT NULL, released_on TEXT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,
  mailbox TEXT NOT NULL              -- of an office there, never of a person
) WITHOUT ROWID;
"""

BANDS = ("under_20", "from_20", "from_50", "from_200")
TOLD = ("name", "type", "city", "authority", "office", "declared", "due_on", "mailbox")
"""What a list says of a unit, beside its code and the numbers of its instruments by band."""


class Stand(StrEnum):
    """How an obliged unit stands today."""

    REGISTERED = "registered"
    INVITED = "invited"
    WAITING = "waiting"
    LATE = "late"
    ENROLLED = "enrolled"
    EXEMPT = "exempt"
    REMOVED = "removed"


STAND_LABELS: Mapping[Stand, tuple[str, str]] = {
    Stand.REGISTERED: ("已列入", "listed"),
    Stand.INVITED: ("已邀请", "invited"),
    Stand.WAITING: ("等待登记", "waiting to be enrolled"),
    Stand.LATE: ("逾期未接入", "late"),
    Stand.ENROLLED: ("已接入", "enrolled"),
    Stand.EXEMPT: ("已豁免", "exempt"),
    Stand.REMOVED: ("已移出", "removed"),
}


@dataclass(frozen=True, slots=True)
class Obliged:
    """One unit as listed, and what the office did about it. Times are POSIX seconds."""

    uscc: str
    name: str
    type: str
    city: str
    authority: str
    office: str
    declared: str  # `yes`, `no`, or empty: whether it has instruments at or above the line
    counts: Mapping[str, int]
    due_on: str
    place: str = ""
    listed_at: int = 0
    invited_at: int | None = None
    waiting_at: int | None = None
    origin: str = ""
    fingerprint: str = ""
    released: str = ""
    released_on: str = ""
    reason: str = ""
    document: str = ""
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a unit stands and since when; `days_late` counts from the day after the deadline."""

    state: Stand
    since: date | None
    days_late: int = 0


def standing(unit: Obliged, enrolled_at: int | None, today: date) -> Standing:
    """How it stands; `enrolled_at` is when the hub's `reg` first named its code, None: never."""
    due = date.fromisoformat(unit.due_on) if unit.due_on else None
    if enrolled_at is not None:
        on = _day(enrolled_at)
        late = max(0, (on - due).days) if due and on else 0
        return Standing(Stand.ENROLLED, on, late)
    if unit.released:
        since = date.fromisoformat(unit.released_on) if unit.released_on else None
        return Standing(Stand(unit.released), since)
    if due and today > due:
        return Standing(Stand.LATE, due + timedelta(days=1), (today - due).days)
    if unit.waiting_at is not None:
        return Standing(Stand.WAITING, _day(unit.waiting_at))
    if unit.invited_at is not None:
        return Standing(Stand.INVITED, _day(unit.invited_at))
    return Standing(Stand.REGISTERED, _day(unit.listed_at))


def _day(posix: int) -> date | None:
    return date.fromisoformat(date_at(posix)) if posix else None


def obliged_units(db: sqlite3.Connection) -> list[Obliged]:
    """All that were ever listed, removed ones too, by code."""
    return [_unit(row) for row in db.execute(f"SELECT {_COLUMNS} FROM obliged ORDER BY uscc")]


def obliged_unit(db: sqlite3.Connection, uscc: str) -> Obliged | None:
    """The one of this code."""
    row = db.execute(f"SELECT {_COLUMNS} FROM obliged WHERE uscc = ?", [uscc]).fetchone()
    return _unit(row) if row else None


def obliged_names(db: sqlite3.Connection) -> dict[str, str]:
    """What the units of the register are called, by code."""
    return dict(db.execute("SELECT uscc, name FROM obliged").fetchall())


def declared_counts(db: sqlite3.Connection, uscc: str) -> Mapping[str, int]:
    """How many instruments a unit declared, by band of value; empty where it told none (D7)."""
    unit = obliged_unit(db, uscc)
    return unit.counts if unit else {}


def enrolled_codes(index: sqlite3.Connection) -> dict[str, int]:
    """The codes of the units that `reg` names, hubs apart, with the time of the first."""
    rows = index.execute(
        "SELECT uscc, min(enrolled_at) FROM unit"
        " WHERE depth = 0 AND state IN ('enrolled', 'suspended') GROUP BY uscc"
    )
    return dict(rows.fetchall())


def late_by_authority(
    units: Iterable[Obliged], enrolled: Mapping[str, int], today: date
) -> dict[str, list[tuple[Obliged, Standing]]]:
    """Who is late, under the authority that the list names, the latest first."""
    late: dict[str, list[tuple[Obliged, Standing]]] = {}
    for unit in units:
        stands = standing(unit, enrolled.get(unit.uscc), today)
        if stands.state is Stand.LATE:
            late.setdefault(unit.authority, []).append((unit, stands))
    for found in late.values():
        found.sort(key=lambda pair: (-pair[1].days_late, pair[0].uscc))
    return dict(sorted(late.items()))


_COLUMNS = (
    "uscc, name, type, city, authority, office, declared, counts, due_on, place, listed_at,"
    " invited_at, waiting_at, origin, fingerprint, released, released_on, reason, document, mailbox"
)


def _unit(row: Sequence[Any]) -> Obliged:
    told = [*row]
    told[7] = orjson.loads(told[7])
    return Obliged(*told)


def _list(db: sqlite3.Connection, act: Act) -> None:
    told = [str(act.details.get(name, "")) for name in TOLD]
    counts = act.details.get("counts")
    db.execute(
        "INSERT INTO obliged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL,"
        " '', '', '', '', '', '', ?)"
        " ON CONFLICT(uscc) DO UPDATE SET name = excluded.name, type = excluded.type,"
        " city = excluded.city, authority = excluded.authority, office = excluded.office,"
        " declared = excluded.declared, counts = excluded.counts, due_on = excluded.due_on,"
        " place = excluded.place, mailbox = ifnull(nullif(excluded.mailbox, ''), mailbox)",
        [
            act.subject,
            *told[:6],
            orjson.dumps(counts if isinstance(counts, dict) else {}).decode(),
            told[6],
            str(act.details.get("place", "")),
            act.at,
            told[7],
        ],
    )


def _invite(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE obliged SET invited_at = ifnull(invited_at, ?) WHERE uscc = ?",
        [act.at, act.subject],
    )


def _wait(db: sqlite3.Connection, act: Act) -> None:
    origin, fingerprint = (str(act.details.get(n, "")) for n in ("origin", "fingerprint"))
    db.execute(
        "UPDATE obliged SET waiting_at = ?, origin = ?, fingerprint = ? WHERE uscc = ?",
        [act.at, origin, fingerprint, act.subject],
    )


def _apply(db: sqlite3.Connection, act: Act) -> None:
    """Its node was taken up for enrolment (`applications`)."""
    told = [str(act.details.get(name, "")) for name in ("origin", "served", "uscc")]
    db.execute(
        "UPDATE obliged SET waiting_at = ?, origin = ?, fingerprint = ? WHERE uscc = ?",
        [act.at, *told],
    )


def _turn_away(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE obliged SET waiting_at = NULL, origin = '', fingerprint = '' WHERE uscc = ?",
        [str(act.details.get("unit", ""))],
    )


def _release(db: sqlite3.Connection, act: Act) -> None:
    told = [str(act.details.get(name, "")) for name in ("how", "on", "reason", "document")]
    db.execute(
        "UPDATE obliged SET released = ?, released_on = ?, reason = ?, document = ? WHERE uscc = ?",
        [*told, act.subject],
    )


def _take_back(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE obliged SET released = '', released_on = '', reason = '', document = ''"
        " WHERE uscc = ?",
        [act.subject],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "obliged.listed": _list,
    "obliged.invited": _invite,
    "obliged.waiting": _wait,
    "application.opened": _apply,
    "application.refused": _turn_away,
    "obliged.released": _release,
    "obliged.restored": _take_back,
}
