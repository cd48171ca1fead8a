"""Notices to units: what was said, whether it arrived, and when. Start at `notice`.

A notice is part of the act that says it, as its `notice` among the details, so the act and what
the unit is told of it are one. Times are POSIX seconds, days ISO dates.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from fenhe_protocol.fed import Act
from fenhe_protocol.notice import Notice, read_notice

TABLES = """
CREATE TABLE notice(
  number TEXT PRIMARY KEY, unit TEXT NOT NULL, act TEXT NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL,
  matter TEXT NOT NULL, case_no TEXT NOT NULL, public INTEGER NOT NULL,
  members TEXT NOT NULL,             -- the body without its envelope, JSON
  fetched_at INTEGER,                -- first time that the unit's own key asked for it
  fetched_by TEXT NOT NULL           -- that request, signed by the unit, JSON; empty: none
) WITHOUT ROWID;
CREATE INDEX notice_unit ON notice(unit, number);
CREATE INDEX notice_case ON notice(case_no, number);
CREATE TABLE notice_mail(
  number TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  address TEXT NOT NULL, state TEXT NOT NULL,  -- queued, accepted, failed
  trouble TEXT NOT NULL, PRIMARY KEY(number, seq)
) WITHOUT ROWID;
CREATE TABLE notice_delivery(
  number TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  how TEXT NOT NULL, day TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(number, seq)
) WITHOUT ROWID;
"""

ERASED = "（内容已彻底删除 erased）"
QUEUED = "queued"  # the state of a letter of which no mail server has said anything


@dataclass(frozen=True, slots=True)
class Mailing:
    """One letter; `state` is queued, or what a mail server said: accepted, failed."""

    at: int
    address: str
    state: str
    trouble: str


class How(StrEnum):
    """By which way a paper was delivered."""

    POST = "post"
    HAND = "hand"
    EXCHANGE = "exchange"
    OTHER = "other"


HOW_LABELS: Mapping[How, tuple[str, str]] = {
    How.POST: ("邮寄签收", "signed for by post"),
    How.HAND: ("当面签收", "signed for in person"),
    How.EXCHANGE: ("公文交换", "by exchange of documents"),
    How.OTHER: ("其他", "otherwise"),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that staff noted by hand; `note` names the slip that proves it."""

    at: int
    by: str
    how: How
    day: str
    note: str


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice as it was sent, and what is known of its arrival."""

    number: str
    unit: str
    at: int
    by: str
    word: Notice
    fetched_at: int | None
    fetched_by: Mapping[str, Any]
    mailings: tuple[Mailing, ...]
    deliveries: tuple[Delivery, ...] = ()

    @property
    def is_erased(self) -> bool:
        """Whether its words were erased for good."""
        return self.word.text == ERASED

    @property
    def mailed_at(self) -> int | None:
        """When a mail server first took it."""
        return next((each.at for each in self.mailings if each.state == "accepted"), None)


def notice(db: sqlite3.Connection, number: str) -> SentNotice | None:
    """The notice of this number."""
    return next(iter(_read(db, "number = ?", [number])), None)


def notices_of_case(db: sqlite3.Connection, number: str) -> list[SentNotice]:
    """All notices of a measure, in the order in which they were numbered."""
    return _read(db, "case_no = ?", [number])


def notices_to(db: sqlite3.Connection, uscc: str) -> list[SentNotice]:
    """All notices to a unit."""
    return _read(db, "unit = ?", [uscc])


def same_words(db: sqlite3.Connection, number: str) -> list[SentNotice]:
    """The notice, and that on paper which it repeats for the node of its unit."""
    return _read(db, _SAME_WORDS, [number])


def every(db: sqlite3.Connection) -> list[SentNotice]:
    """All notices."""
    return _read(db, "1", [])


def waiting_for_mail(db: sqlite3.Connection) -> list[SentNotice]:
    """Those of which the last that is known of their mail is that it was queued."""
    last = "seq = (SELECT max(seq) FROM notice_mail m WHERE m.number = notice_mail.number)"
    open_ones = f"SELECT number FROM notice_mail WHERE state = ? AND {last}"
    return _read(db, f"number IN ({open_ones})", [QUEUED])


_SAME_WORDS = (
    "(number = ?1 OR json_extract(members, '$.to') = '' AND case_no IN (SELECT n.case_no"
    " FROM notice n JOIN act a ON a.number = n.act"
    " WHERE n.number = ?1 AND a.name = 'measure.carried'))"
)


def _read(db: sqlite3.Connection, where: str, values: list[object]) -> list[SentNotice]:
    rows = db.execute(
        "SELECT number, unit, at, by, members, fetched_at, fetched_by FROM notice"
        f" WHERE {where} ORDER BY number",
        values,
    ).fetchall()
    return [
        SentNotice(
            number,
            unit,
            at,
            by,
            read_notice(number, orjson.loads(members)),
            fetched_at,
            orjson.loads(fetched_by) if fetched_by else {},
            _mailings(db, number),
            _deliveries(db, number),
        )
        for number, unit, at, by, members, fetched_at, fetched_by in rows
    ]


def _mailings(db: sqlite3.Connection, number: str) -> tuple[Mailing, ...]:
    rows = db.execute(
        "SELECT at, address, state, trouble FROM notice_mail WHERE number = ? ORDER BY seq",
        [number],
    )
    return tuple(Mailing(*row) for row in rows)


def _deliveries(db: sqlite3.Connection, number: str) -> tuple[Delivery, ...]:
    rows = db.execute(
        "SELECT at, by, how, day, note FROM notice_delivery WHERE number = ? ORDER BY seq", [number]
    )
    return tuple(Delivery(at, by, How(how), day, note) for at, by, how, day, note in rows)


def _say(db: sqlite3.Connection, act: Act) -> None:
    told = act.details.get("notice")
    if not isinstance(told, dict) or not {"id", "to", "text"} <= told.keys():
        return
    members = {name: value for name, value in told.items() if name != "id"}
    db.execute(
        "INSERT OR IGNORE INTO notice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '')",
        [
            *(told["id"], str(act.details.get("unit", "")), act.number, act.at, act.by),
            *(str(told.get("matter", "")), str(told.get("case", "")), int("public" in told)),
            orjson.dumps(members).decode(),
        ],
    )


def _erase(db: sqlite3.Connection, act: Act) -> None:
    """Its words are shown nowhere any more; that it was sent, when and to whom stays."""
    db.execute(
        "UPDATE notice SET members = json_set(json_remove(members, '$.title'), '$.text', ?2)"
        f" WHERE {_SAME_WORDS}",
        [act.subject, ERASED],
    )


def _fetch(db: sqlite3.Connection, act: Act) -> None:
    db.execute(
        "UPDATE notice SET fetched_at = ?, fetched_by = ? WHERE number = ? AND fetched_at IS NULL",
        [act.at, orjson.dumps(act.details.get("request", {})).decode(), act.subject],
    )


def _mail(db: sqlite3.Connection, act: Act) -> None:
    told = [str(act.details.get(name, "")) for name in ("address", "state", "trouble")]
    db.execute(
        "INSERT INTO notice_mail SELECT ?, 1 + ifnull(max(seq), 0), ?, ?, ?, ?"
        " FROM notice_mail WHERE number = ?",
        [act.subject, act.at, *told, act.subject],
    )


def _deliver(db: sqlite3.Connection, act: Act) -> None:
    how, day, note = (str(act.details.get(name, "")) for name in ("how", "on", "note"))
    known = how if how in list(How) else How.OTHER
    db.execute(
        "INSERT INTO notice_delivery SELECT ?, 1 + ifnull(max(seq), 0), ?, ?, ?, ?, ?"
        " FROM notice_delivery WHERE number = ?",
        [act.subject, act.at, act.by, known, day, note, act.subject],
    )


_SAYING = ("notice.said", *(f"measure.{step}" for step in ("decided", "revoked", "closed")))
FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    **dict.fromkeys((*_SAYING, "measure.carried"), _say),
    "notice.delivered": _deliver,
    "notice.fetched": _fetch,
    "notice.mailed": _mail,
    "notice.erased": _erase,
}
