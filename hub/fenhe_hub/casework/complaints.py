"""Cases of the public: what each is about, where it stands, and its sealed words. Start at `case`.

Whatever stands here says what happened and never who complained; words are sealed. How acts change
it is in `complaint_acts`. Times are in POSIX seconds, days ISO dates at UTC+8.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from fenhe_hub.feedback.subjects import Route
from fenhe_hub.rules.usage_facts import Complaint
from fenhe_protocol.encoding import date_at


@dataclass(frozen=True, slots=True)
class Case:
    """One case, without a word of it; `answered_at` is the first answer since it was last open."""

    number: str
    category: str
    unit: str
    kind: str
    record: str
    mark: str
    public: str
    state: str
    route: str
    authority: str
    notice: str
    received_at: int
    changed_at: int
    due: str
    answered_at: int | None
    closed_at: int | None
    closed_as: str
    forgotten_at: int | None
    reopened: int
    reply: str
    source: str
    came_on: str

    @property
    def received_on(self) -> str:
        """The day on which it came."""
        return date_at(self.received_at)

    @property
    def answered_on(self) -> str | None:
        """The day of the first answer."""
        return None if self.answered_at is None else date_at(self.answered_at)


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody said in a case, sealed for one reader."""

    act: str
    number: str
    at: int
    author: str
    reader: str
    sealed: Mapping[str, Any]


_COLUMNS = ", ".join(Case.__slots__)


def case(db: sqlite3.Connection, number: str) -> Case | None:
    """The case of this number."""
    return next(cases(db, "number = ?", [number]), None)


def case_of_mark(db: sqlite3.Connection, mark: str) -> Case | None:
    """The case whose complainant has the secret of this hash."""
    return next(cases(db, "mark = ?", [mark]), None)


def cases(
    db: sqlite3.Connection, where: str = "1", values: list[object] | None = None
) -> Iterator[Case]:
    """Cases by their numbers, the newest first. `where` is SQL of ours."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM complaint WHERE {where} ORDER BY number DESC", values or []
    )
    return (Case(*row) for row in rows.fetchall())


def listed(
    db: sqlite3.Connection,
    filters: Mapping[str, str],
    *,
    before: tuple[int, str] | None,
    limit: int,
) -> list[Case]:
    """Cases under `category` and `state`, the newest first; `before`: (received_at, number)."""
    known = {name: filters[name] for name in ("category", "state", "unit") if name in filters}
    conditions = [f"{name} = ?" for name in known]
    values: list[object] = [*known.values()]
    if before is not None:
        conditions.append("(received_at, number) < (?, ?)")
        values += before
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM complaint WHERE {' AND '.join(conditions) or '1'}"
        " ORDER BY received_at DESC, number DESC LIMIT ?",
        [*values, limit],
    )
    return [Case(*row) for row in rows.fetchall()]


def words_of(db: sqlite3.Connection, number: str, reader: str) -> list[Words]:
    """What is sealed for this reader, in the order in which it was said."""
    rows = db.execute(
        "SELECT act, number, at, author, reader, sealed FROM complaint_words"
        " WHERE number = ? AND reader = ? ORDER BY seq",
        [number, reader],
    )
    return [Words(*(*told, orjson.loads(sealed))) for *told, sealed in rows.fetchall()]


def counts(db: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """(category, state, how many) of all cases."""
    rows = db.execute(
        "SELECT category, state, count(*) FROM complaint GROUP BY category, state ORDER BY 1, 2"
    )
    return rows.fetchall()


def next_number(db: sqlite3.Connection, year: int) -> str:
    """The number that no case of this year has yet."""
    prefix = f"C-{year}-"
    last = db.execute(
        "SELECT max(CAST(substr(number, ?) AS INTEGER)) FROM complaint WHERE number GLOB ?",
        [len(prefix) + 1, f"{prefix}*"],
    ).fetchone()[0]
    return f"{prefix}{(last or 0) + 1:04}"


def notice_number(db: sqlite3.Connection, number: str) -> str:
    """The number of the next notice about a case: the case's own, for its unit answers by that."""
    row = db.execute(
        "SELECT count(*) FROM act WHERE subject = ? AND name = 'complaint.routed'"
        " AND json_extract(details, '$.notice') IS NOT NULL",
        [number],
    ).fetchone()
    return f"{number}-{row[0] + 1}" if row[0] else number


def received_since(db: sqlite3.Connection, at: int) -> int:
    """How many came since then."""
    row = db.execute("SELECT count(*) FROM complaint WHERE received_at > ?", [at]).fetchone()
    return int(row[0])


def handed_to_units(db: sqlite3.Connection) -> dict[str, tuple[Complaint, ...]]:
    """For each unit the cases that it has to answer, for rule D9, each by the day it was handed on.

    Never one about reallocation or the platform, nor one that was closed before an answer.
    """
    found: dict[str, list[Complaint]] = {}
    rows = db.execute(
        "SELECT c.unit, c.number, min(a.at), c.answered_at, c.category"
        " FROM complaint c JOIN act a ON a.subject = c.number AND a.name = 'complaint.routed'"
        " WHERE c.route = ? AND (c.closed_at IS NULL OR c.answered_at IS NOT NULL)"
        " GROUP BY c.number ORDER BY c.number",
        [Route.UNIT],
    )
    for unit, number, handed_at, answered_at, category in rows.fetchall():
        answered = None if answered_at is None else _day(answered_at)
        found.setdefault(unit, []).append(Complaint(number, _day(handed_at), answered, category))
    return {unit: tuple(each) for unit, each in found.items()}


def _day(at: int) -> date:
    return date.fromisoformat(date_at(at))


def acts_to_forget(db: sqlite3.Connection, closed_before: int) -> list[str]:
    """The acts that hold words of cases closed before then."""
    rows = db.execute(
        "SELECT w.act FROM complaint c JOIN complaint_words w USING(number)"
        " WHERE c.closed_at < ? ORDER BY w.act",
        [closed_before],
    )
    return [act for (act,) in rows]


def numbers_of(db: sqlite3.Connection, acts: Iterable[str]) -> dict[str, list[str]]:
    """For each case those of these acts that hold words of it."""
    found: dict[str, list[str]] = {}
    for act in acts:
        for (number,) in db.execute("SELECT number FROM complaint_words WHERE act = ?", [act]):
            found.setdefault(number, []).append(act)
    return found
