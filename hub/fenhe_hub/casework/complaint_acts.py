"""How acts change the cases of the public: tables, and a fold for each kind of act.

Words are acts of their own (`WORDS`), sealed, so that they can be erased from `fed` and the case
stays. Times are in POSIX seconds.
"""

import sqlite3
from collections.abc import Callable, Mapping

import orjson

from fenhe_hub.feedback.subjects import Route, State
from fenhe_protocol.fed import Act

TABLES = """
CREATE TABLE complaint(
  number TEXT PRIMARY KEY, category TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
  record TEXT NOT NULL,
  mark TEXT NOT NULL UNIQUE,          -- hash of what the complainant keeps
  public TEXT NOT NULL,               -- to which answers are sealed
  state TEXT NOT NULL, route TEXT NOT NULL, authority TEXT NOT NULL, notice TEXT NOT NULL,
  received_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  due TEXT NOT NULL,                  -- the day set; empty: none
  answered_at INTEGER, closed_at INTEGER, closed_as TEXT NOT NULL, forgotten_at INTEGER,
  reopened INTEGER NOT NULL,          -- how often
  reply TEXT NOT NULL,                -- the unit's last reply that was taken in: <log>#<index>
  source TEXT NOT NULL,               -- empty: the public form; else how staff heard of it
  came_on TEXT NOT NULL               -- the day of the call or letter, where staff entered it
) WITHOUT ROWID;
CREATE INDEX complaint_unit ON complaint(unit, number);
CREATE INDEX complaint_received ON complaint(received_at, number);
CREATE TABLE complaint_words(
  seq INTEGER PRIMARY KEY, act TEXT NOT NULL UNIQUE, number TEXT NOT NULL, at INTEGER NOT NULL,
  author TEXT NOT NULL,               -- complainant, or the account of a handler
  reader TEXT NOT NULL,               -- handlers, complainant
  sealed TEXT NOT NULL
);
CREATE INDEX complaint_words_of ON complaint_words(number, seq);
"""

HANDLERS, COMPLAINANT = "handlers", "complainant"
WORDS = "complaint.words"
"""The one act that may be erased: it holds sealed words and nothing that anything follows from."""


def _receive(db: sqlite3.Connection, act: Act) -> None:
    told = act.details
    named = [str(told.get(name, "")) for name in ("category", "unit", "kind", "record")]
    authority, *by_hand = [str(told.get(name, "")) for name in ("authority", "source", "came_on")]
    marks = [str(told.get(name, "")) for name in ("mark", "public")]
    db.execute(
        "INSERT OR IGNORE INTO complaint VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?, '', ?, '', ?, ?, '', NULL, NULL, '', NULL, 0, '', ?, ?)",
        [act.subject, *named, *marks, State.RECEIVED, authority, act.at, act.at, *by_hand],
    )


def _say(db: sqlite3.Connection, act: Act) -> None:
    told = act.details
    db.execute(
        "INSERT OR IGNORE INTO complaint_words(act, number, at, author, reader, sealed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [
            *(act.number, act.subject, act.at, str(told.get("author", act.by))),
            *(str(told.get("reader", HANDLERS)), orjson.dumps(told.get("sealed", {})).decode()),
        ],
    )
    # The tables have them once: what is erased has to go from one place.
    db.execute("UPDATE act SET details = '{}' WHERE number = ?", [act.number])
    _touch(db, act)


def _route(db: sqlite3.Connection, act: Act) -> None:
    told = act.details
    _set(
        db,
        act,
        state=State.ROUTED,
        route=str(told.get("route", "")),
        unit=str(told.get("unit", "")),
        authority=str(told.get("authority", "")),
        notice=str(told.get("notice", "")),
        due=str(told.get("due", "")),
    )


def _take_up(db: sqlite3.Connection, act: Act) -> None:
    state = State.WITH_UNIT if act.details.get("route") == Route.UNIT else State.WITH_AUTHORITY
    _set(db, act, state=state)
    _note_reply(db, act)


def _answer(db: sqlite3.Connection, act: Act) -> None:
    at = act.details.get("answered_at", act.at)
    _set(db, act, state=State.ANSWERED)
    db.execute(
        "UPDATE complaint SET answered_at = ? WHERE number = ? AND answered_at IS NULL",
        [at, act.subject],
    )
    _note_reply(db, act)


def _note_reply(db: sqlite3.Connection, act: Act) -> None:
    if reply := act.details.get("reply"):
        db.execute("UPDATE complaint SET reply = ? WHERE number = ?", [str(reply), act.subject])


def _close(db: sqlite3.Connection, act: Act) -> None:
    closed_as = str(act.details.get("closed_as", ""))
    _set(db, act, state=State.CLOSED, closed_at=act.at, closed_as=closed_as)


def _reopen(db: sqlite3.Connection, act: Act) -> None:
    _set(db, act, state=State.REOPENED, closed_at=None, closed_as="")
    db.execute("UPDATE complaint SET reopened = reopened + 1 WHERE number = ?", [act.subject])


def _forget(db: sqlite3.Connection, act: Act) -> None:
    for each in act.details.get("acts", ()):
        db.execute(
            "DELETE FROM complaint_words WHERE act = ? AND number = ?", [str(each), act.subject]
        )
    db.execute(
        "UPDATE complaint SET forgotten_at = ? WHERE number = ?"
        " AND NOT EXISTS (SELECT 1 FROM complaint_words w WHERE w.number = complaint.number)",
        [act.at, act.subject],
    )


def _touch(db: sqlite3.Connection, act: Act) -> None:
    _set(db, act)


def _set(db: sqlite3.Connection, act: Act, **values: object) -> None:
    columns = "".join(f", {name} = ?" for name in values)
    db.execute(
        f"UPDATE complaint SET changed_at = ?{columns} WHERE number = ?",
        [act.at, *values.values(), act.subject],
    )


FOLDS: Mapping[str, Callable[[sqlite3.Connection, Act], None]] = {
    "complaint.received": _receive,
    WORDS: _say,
    "complaint.added": _touch,
    "complaint.routed": _route,
    "complaint.taken_up": _take_up,
    "complaint.answered": _answer,
    "complaint.closed": _close,
    "complaint.reopened": _reopen,
    "complaint.forgotten": _forget,
}
"""`complaint.opened` changes nothing: it stands in the journal."""
