"""Which authorities there are, and which units are theirs, over time. Start at `units_of`.

Days are inclusive on both sides: what is valid until the 31st holds on the 31st. An authority of
which every unit is a unit (科技厅, 财政厅) `covers` all; any other covers those listed as its own.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fenhe_hub.casework.conditions import equal
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE authority(
  number TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL,
  covers TEXT NOT NULL,              -- `all` units, or those `listed` in belonging
  valid_from TEXT NOT NULL, valid_until TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE authority_mailbox(number TEXT PRIMARY KEY, address TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE belonging(
  uscc TEXT NOT NULL, authority TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL,
  PRIMARY KEY(uscc, authority, valid_from)
) WITHOUT ROWID;
CREATE INDEX belonging_authority ON belonging(authority, uscc);
"""

FOR_EVER = "9999-12-31"


class Kind(StrEnum):
    """What an authority is for (policy 三(一))."""

    SCIENCE = "science"
    COMPETENT = "competent"
    FINANCE = "finance"
    REFORM = "reform"
    INDUSTRY = "industry"
    STATE_ASSETS = "state_assets"
    EDUCATION = "education"
    OTHER = "other"


KIND_LABELS: Mapping[Kind, tuple[str, str]] = {
    Kind.SCIENCE: ("科技", "science"),
    Kind.COMPETENT: ("主管部门", "competent department"),
    Kind.FINANCE: ("财政", "finance"),
    Kind.REFORM: ("发展改革", "development and reform"),
    Kind.INDUSTRY: ("经信", "economy and information"),
    Kind.STATE_ASSETS: ("国资", "state assets"),
    Kind.EDUCATION: ("教育", "education"),
    Kind.OTHER: ("其他", "other"),
}


class Level(StrEnum):
    """Of which government it is a part."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


LEVEL_LABELS: Mapping[Level, tuple[str, str]] = {
    Level.PROVINCE: ("省级", "province"),
    Level.CITY: ("市级", "city"),
    Level.COUNTY: ("县级", "county"),
}

ALL, LISTED = "all", "listed"
COVERS_LABELS: Mapping[str, tuple[str, str]] = {
    ALL: ("全部单位", "all units"),
    LISTED: ("列出的单位", "those listed"),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority; `valid_until` is its last day, `FOR_EVER` where none is known."""

    number: str
    name: str
    kind: str
    level: str
    covers: str
    valid_from: str
    valid_until: str = FOR_EVER

    def is_valid(self, on: date) -> bool:
        """Whether it exists on a day."""
        return self.valid_from <= on.isoformat() <= self.valid_until


@dataclass(frozen=True, slots=True)
class Belonging:
    """A unit that is an authority's own from a day to a day."""

    uscc: str
    authority: str
    valid_from: str
    valid_until: str = FOR_EVER


def authorities(db: sqlite3.Connection) -> list[Authority]:
    """All of them, ended ones too, by number."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM authority ORDER BY number")
    return [Authority(*row) for row in rows]


def authority(db: sqlite3.Connection, number: str) -> Authority | None:
    """The one of this number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM authority WHERE number = ?", [number]).fetchone()
    return Authority(*row) if row else None


def units_of(db: sqlite3.Connection, number: str, on: date) -> frozenset[str] | None:
    """The codes of its units on a day; None: all. Of one that does not exist then: none."""
    found = authority(db, number)
    if found is None or not found.is_valid(on):
        return frozenset()
    if found.covers == ALL:
        return None
    day = on.isoformat()
    rows = db.execute(
        "SELECT uscc FROM belonging WHERE authority = ? AND valid_from <= ? AND valid_until >= ?",
        [number, day, day],
    )
    return frozenset(uscc for (uscc,) in rows)


def authorities_of(db: sqlite3.Connection, uscc: str, on: date) -> list[Authority]:
    """Those of which a unit is one on a day, those that cover all behind its own."""
    day = on.isoformat()
    own = {
        number
        for (number,) in db.execute(
            "SELECT authority FROM belonging WHERE uscc = ? AND valid_from <= ?"
            " AND valid_until >= ?",
            [uscc, day, day],
        )
    }
    valid = [each for each in authorities(db) if each.is_valid(on)]
    covering = [each for each in valid if each.covers == ALL]
    return [*(each for each in valid if each.number in own and each.covers != ALL), *covering]


def mailbox_of(db: sqlite3.Connection, number: str) -> str:
    """Where an authority reads that something waits for it; empty where it gave no address."""
    row = db.execute("SELECT address FROM authority_mailbox WHERE number = ?", [number]).fetchone()
    return str(row[0]) if row else ""


def belongings(
    db: sqlite3.Connection, *, uscc: str | None = None, number: str | None = None
) -> list[Belonging]:
    """Which units were whose and when: of a unit, of an authority, or all."""
    where, values = equal(uscc=uscc, authority=number)
    rows = db.execute(
        "SELECT uscc, authority, valid_from, valid_until FROM belonging"
        f" WHERE {where} ORDER BY uscc, valid_from, authority",
        values,
    )
    return [Belonging(*row) for row in rows]


def named(all_of_them: Iterable[Authority], text: str, on: date) -> Authority | None:
    """The one that a list means by its number or its name; None where it could be several."""
    valid = [each for each in all_of_them if each.is_valid(on)]
    found = [each for each in valid if each.number == text]
    found = found or [each for each in valid if each.name == text]
    return found[0] if len(found) == 1 else None


_COLUMNS = "number, name, kind, level, covers, valid_from, valid_until"


def _texts(act: Act, *names: str) -> list[str]:
    return [str(act.details.get(name, "")) for name in names]


def _put(db: sqlite3.Connection, act: Act) -> None:
    told = _texts(act, "name", "kind", "level", "covers", "from")
    until = str(act.details.get("until") or FOR_EVER)
    db.execute(
        "INSERT OR REPLACE INTO authority VALUES (?, ?, ?, ?, ?, ?, ?)",
        [act.subject, *told, until],
    )


def _end(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE authority SET valid_until = ? WHERE number = ?",
        [*_texts(act, "until"), act.subject],
    )


def _write_to(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "INSERT OR REPLACE INTO authority_mailbox VALUES (?, ?)",
        [act.subject, *_texts(act, "address")],
    )


def _begin_belonging(db: sqlite3.Connection, act: Act) -> None:
    until = str(act.details.get("until") or FOR_EVER)
    db.execute(
        "INSERT OR REPLACE INTO belonging VALUES (?, ?, ?, ?)",
        [act.subject, *_texts(act, "authority", "from"), until],
    )


def _end_belonging(db: sqlite3.Connection, act: Act) -> None:
    until, number = _texts(act, "until", "authority")
    db.execute(
        "UPDATE belonging SET valid_until = ? WHERE uscc = ? AND authority = ? AND valid_until > ?",
        [until, act.subject, number, until],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "authority.put": _put,
    "authority.ended": _end,
    "authority.mailbox": _write_to,
    "belonging.begun": _begin_belonging,
    "belonging.ended": _end_belonging,
}
