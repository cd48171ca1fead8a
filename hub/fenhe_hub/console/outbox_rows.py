"""The outbox as the rows of a list: filtered, counted and turned by its own database."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import orjson

from fenhe_hub.console.table import View
from fenhe_hub.home import Home
from fenhe_hub.read_only import read_only
from fenhe_hub.upstream.outbox_store import LACKING_SEPARATOR, TABLES
from fenhe_hub.upstream.report import plain, without

_LONGEST = 300  # characters of a reply
_STATES = "'returned', 'retry', 'blocked'"
_LAST = (
    "(SELECT r.raw FROM reply r WHERE (r.uscc, r.kind, r.record_id, r.payload_sha256)"
    " = (i.uscc, i.kind, i.record_id, i.payload_sha256) ORDER BY r.number DESC LIMIT 1)"
)
_QUESTIONS = {
    "state": "i.state = :state",
    "kind": "i.kind = :kind",
    "unit": "i.uscc = :unit",
    "code": "i.code = :code",
    "id": "i.record_id = :id",
}
_ORDERS = {"unit": "i.uscc {0}, i.kind {0}, i.record_id {0}", "next": "i.next_at {0}"}


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One record on its way to the nation. Times are POSIX seconds."""

    uscc: str
    kind: str
    record_id: str
    state: str
    attempts: int
    next_at: int
    code: int | None
    lacking: tuple[str, ...]
    reply: str


@dataclass(frozen=True, slots=True)
class ReplyGroup:
    """Records in one state that were answered alike."""

    state: str
    code: int | None
    reply: str
    count: int


@contextmanager
def outbox_read(home: Home) -> Iterator[sqlite3.Connection]:
    """The outbox for reading alone; an empty one where nothing was ever forwarded."""
    if not home.outbox.exists():
        with closing(sqlite3.connect(":memory:")) as db:
            db.executescript(TABLES)
            yield db
        return
    with read_only(home.outbox) as db:
        yield db


class OutboxRows:
    """The records that a view asks for, by filters state, kind, unit, code, id; within a scope."""

    def __init__(self, db: sqlite3.Connection, within: Collection[str] | None) -> None:
        self._db = db
        self._within = None if within is None else orjson.dumps(sorted(within)).decode()

    def count(self, view: View) -> int:
        """How many there are."""
        where, values = self._condition(view)
        question = f"SELECT count(*) FROM item i{where}"
        found: int = self._db.execute(question, values).fetchone()[0]
        return found

    def rows(self, view: View, limit: int, offset: int) -> Iterator[OutboxRow]:
        """Some of them."""
        where, values = self._condition(view)
        order = _ORDERS[view.column].format("DESC" if view.descending else "ASC")
        rows = self._db.execute(
            "SELECT i.uscc, i.kind, i.record_id, i.state, i.attempts, i.next_at, i.code, i.lacking,"
            f" {_LAST} FROM item i{where} ORDER BY {order} LIMIT :limit OFFSET :offset",
            values | {"limit": limit, "offset": offset},
        )
        for uscc, kind, id_, state, attempts, next_at, code, lacking, raw in rows:
            reasons = tuple(filter(None, lacking.split(LACKING_SEPARATOR)))
            reply = plain(raw or "")[:_LONGEST]
            yield OutboxRow(uscc, kind, id_, state, attempts, next_at, code, reasons, reply)

    def by_state(self) -> dict[tuple[str, str], int]:
        """How many there are by kind and state."""
        where, values = self._condition(View({}, ""))
        rows = self._db.execute(
            f"SELECT i.kind, i.state, count(*) FROM item i{where} GROUP BY 1, 2", values
        )
        return {(kind, state): count for kind, state, count in rows}

    def by_code(self) -> list[tuple[str, int | None, int]]:
        """State, code of the answer and how many, of what somebody has to mend."""
        where, values = self._condition(View({}, ""))
        rows = self._db.execute(
            f"SELECT i.state, i.code, count(*) FROM item i{where or ' WHERE 1'}"
            f" AND i.state IN ({_STATES}) GROUP BY 1, 2 ORDER BY 3 DESC",
            values,
        )
        return rows.fetchall()

    def groups(self) -> list[ReplyGroup]:
        """The same by the whole text of the answer: looks at every one of them."""
        where, values = self._condition(View({}, ""))
        rows = self._db.execute(
            f"SELECT i.state, i.code, i.record_id, {_LAST} FROM item i"
            f"{where or ' WHERE 1'} AND i.state IN ({_STATES})",
            values,
        )
        counted: Counter[tuple[str, int | None, str]] = Counter()
        for state, code, record_id, raw in rows:
            counted[state, code, plain(without(raw or "", [record_id]))[:_LONGEST]] += 1
        return [ReplyGroup(*key, count) for key, count in counted.most_common()]

    def _condition(self, view: View) -> tuple[str, dict[str, object]]:
        given: dict[str, object] = {name: view.of(name) for name in _QUESTIONS if view.of(name)}
        parts = [_QUESTIONS[name] for name in given]
        if self._within is not None:
            given["within"] = self._within
            parts.append("i.uscc IN (SELECT value FROM json_each(:within))")
        return (f" WHERE {' AND '.join(parts)}" if parts else ""), given
