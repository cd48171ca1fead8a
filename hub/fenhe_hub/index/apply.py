"""The one place that writes what the mirror says into the index. Start at `IndexWriter.apply`.

The unit of change is a run of whole blocks of one log: what stood in the tables for them is
replaced by `Rows`, so that a block indexed once or ten times, in one visit or in several, leaves
the same rows. The state of a catalogue identity is then computed again from `body`, never patched.
Usage logs hold only service records and have no state: for them everything is `executemany`.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from typing import Any, NamedTuple

import orjson

from fenhe_hub.index.bulk import BodyRow, BodyRun, insert_bodies
from fenhe_hub.index.gap_rows import GapRun, insert_gaps
from fenhe_hub.index.said import Range, put_erased
from fenhe_hub.index.searchable import Searchable, index_resources
from fenhe_hub.index.services import mark_untold
from fenhe_hub.index.tables import TIERS
from fenhe_hub.index.words import FED, Newest, put_word
from fenhe_protocol.errors import StoreError

BodyAt = Callable[[int, int, str], bytes]
"""(log_no, index, tier) -> the body's bytes from the mirror."""

PUB, HUB = 0, 1


class State(NamedTuple):
    """One valid body of a catalogue record, at leaf `at`."""

    at: int
    tier: int
    kind: str
    id: str
    body: bytes


@dataclass(slots=True)
class Rows:
    """What the blocks that hold the leaves [start, stop) come to."""

    start: int
    stop: int
    bodies: list[BodyRow] = field(default_factory=list)
    runs: list[BodyRun] = field(default_factory=list)  # more bodies: those of sound blocks
    gaps: list[GapRun] = field(default_factory=list)
    skips: list[tuple[int, int, str, str, str, str]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    sealed: list[tuple[int, int]] = field(default_factory=list)
    lagging: list[tuple[int, int, int]] = field(default_factory=list)

    def extend(self, following: "Rows") -> None:
        """Take in the rows of the blocks that follow."""
        self.stop = following.stop
        self.bodies += following.bodies
        self.runs += following.runs
        self.gaps += following.gaps
        self.skips += following.skips
        self.states += following.states
        self.sealed += following.sealed
        self.lagging += following.lagging


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log as the index knows it; `size` and `root` are the verified head."""

    log_no: int
    unit_no: int
    origin: str
    name: str
    epoch: int
    size: int
    root: bytes
    indexed: int
    heartbeat_at: int | None
    ended: int | None


class IndexWriter:
    """Writes within transactions of its own; one for each thread."""

    def __init__(self, connection: sqlite3.Connection, body_at: BodyAt) -> None:
        self._db = connection
        self._body_at = body_at

    def apply(
        self,
        log: LogRow,
        runs: Iterable[Rows],
        erased: Mapping[str, Sequence[Range]] | None = None,
    ) -> None:
        """Replace these runs of blocks and set the log's row, in one transaction."""
        with transaction(self._db):
            self._put_log(log)
            touched: set[tuple[str, str]] = set()
            latest: dict[tuple[str, str, int], State] = {}
            for rows in runs:
                touched |= self._clear(log, rows)
                self._insert(rows)
                if not _has_states(log):
                    mark_untold(self._db, log.log_no, rows.start, rows.stop)
                touched.update((state.kind, state.id) for state in rows.states)
                _keep_latest(latest, rows.states)
            self._refresh(log, touched, latest)
            if erased is not None:
                put_erased(self._db, log.log_no, erased)

    def _clear(self, log: LogRow, rows: Rows) -> set[tuple[str, str]]:
        """Take out what stood for these blocks; the identities that lose a body."""
        span = [log.log_no, rows.start, rows.stop]
        lost = self._identities(span) if _has_states(log) else set()
        for table in ("body", "lagging", "sealed", "gap", "skip"):
            self._db.execute(f"DELETE FROM {table} WHERE log_no = ? AND idx >= ? AND idx < ?", span)
        return lost

    def _identities(self, span: list[int]) -> set[tuple[str, str]]:
        found = self._db.execute(
            "SELECT DISTINCT kind, id FROM body WHERE log_no = ? AND idx >= ? AND idx < ?", span
        )
        return set(found.fetchall())

    def _insert(self, rows: Rows) -> None:
        insert_bodies(self._db, rows.bodies, rows.runs)
        self._db.executemany("INSERT INTO lagging VALUES (?, ?, ?)", rows.lagging)
        self._db.executemany("INSERT INTO sealed VALUES (?, ?)", rows.sealed)
        insert_gaps(self._db, rows.gaps)
        self._db.executemany("INSERT INTO skip VALUES (?, ?, ?, ?, ?, ?)", rows.skips)

    def _put_log(self, log: LogRow) -> None:
        self._db.execute(
            "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root, indexed,"
            " heartbeat_at, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT(log_no) DO UPDATE SET size = excluded.size, root = excluded.root,"
            " indexed = excluded.indexed, heartbeat_at = excluded.heartbeat_at,"
            " ended = excluded.ended",
            astuple(log),
        )

    def _refresh(
        self,
        log: LogRow,
        identities: set[tuple[str, str]],
        latest: Mapping[tuple[str, str, int], State],
    ) -> None:
        if not _has_states(log):
            return
        if log.name.startswith(FED):
            for kind, id_ in sorted(identities):
                newest = self._newest(log, kind, id_, latest)
                put_word(self._db, log.unit_no, kind, id_, newest)
            return
        searchable = [self._refresh_one(log, kind, id_, latest) for kind, id_ in sorted(identities)]
        index_resources(self._db, searchable)

    def _newest(
        self, log: LogRow, kind: str, id_: str, latest: Mapping[tuple[str, str, int], State]
    ) -> Newest | None:
        """The last word of a hub on one subject, in whatever tier."""
        places = self._places(log.unit_no, kind, id_)
        if not places:
            return None
        tier = max(places, key=lambda each: (places[each].log_no, places[each].last, -each))
        body = self._body(places[tier], tier, kind, id_, log, latest) or b""
        return Newest(places[tier].log_no, places[tier].last, body)

    def _refresh_one(
        self, log: LogRow, kind: str, id_: str, latest: Mapping[tuple[str, str, int], State]
    ) -> Searchable:
        places = self._places(log.unit_no, kind, id_)
        if not places:
            self._db.execute(
                "DELETE FROM resource WHERE unit_no = ? AND kind = ? AND id = ?",
                [log.unit_no, kind, id_],
            )
            return Searchable(log.unit_no, kind, id_, None)
        bodies = [self._body(places.get(tier), tier, kind, id_, log, latest) for tier in (PUB, HUB)]
        columns = _columns(*map(_parsed, bodies))
        self._db.execute(
            "INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                log.unit_no,
                kind,
                id_,
                *_whereabouts(places),
                columns["deleted_on"],
                *(body and body.decode() for body in bodies),
                *(columns[name] for name in _COPIED),
            ],
        )
        shown = None if "deleted" in _parsed(bodies[PUB]) else bodies[PUB]
        return Searchable(
            log.unit_no,
            kind,
            id_,
            shown,
            columns["city"],
            columns["class_code"],
            columns["value_band"],
            columns["status"],
        )

    def _places(self, unit_no: int, kind: str, id_: str) -> "dict[int, Place]":
        """For each tier the last valid body of an identity, by (epoch, index) and nothing else."""
        found = self._db.execute(
            "SELECT b.tier, b.log_no, max(b.idx), min(b.idx) FROM log l"
            " CROSS JOIN body b ON b.kind = ? AND b.id = ? AND b.log_no = l.log_no"
            " WHERE l.unit_no = ? GROUP BY l.epoch, b.log_no, b.tier ORDER BY l.epoch",
            [kind, id_, unit_no],
        )
        return {tier: Place(log_no, last, first) for tier, log_no, last, first in found}

    def _body(
        self,
        place: "Place | None",
        tier: int,
        kind: str,
        id_: str,
        log: LogRow,
        latest: Mapping[tuple[str, str, int], State],
    ) -> bytes | None:
        if place is None:
            return None
        state = latest.get((kind, id_, tier))
        if state is not None and (log.log_no, state.at) == (place.log_no, place.last):
            return state.body
        return self._body_at(place.log_no, place.last, TIERS[tier])


class Place(NamedTuple):
    """Where one tier of an identity stands in the newest log that has it."""

    log_no: int
    last: int
    first: int


_COPIED = ("name_zh", "class_code", "city", "value_band", "status")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One write transaction: all or nothing; StoreError `store.failed`, as with a full disk."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # some failures of the disk have ended it already
                connection.execute("ROLLBACK")
            raise
    except sqlite3.Error as error:
        raise StoreError("store.failed", where="index.sqlite", found=str(error)) from error


def _has_states(log: LogRow) -> bool:
    return not log.name.startswith("usage")


def _keep_latest(latest: dict[tuple[str, str, int], State], states: Iterable[State]) -> None:
    for state in states:
        key = (state.kind, state.id, state.tier)
        if key not in latest or latest[key].at < state.at:
            latest[key] = state


def _whereabouts(places: Mapping[int, Place]) -> tuple[int, int | None, int | None, int]:
    """(log_no, pub_idx, hub_idx, first_idx): all of the log that holds the newest state."""
    log_no = max(place.log_no for place in places.values())
    here = {tier: place for tier, place in places.items() if place.log_no == log_no}
    pub, hub = (here[tier].last if tier in here else None for tier in (PUB, HUB))
    return log_no, pub, hub, min(place.first for place in here.values())


def _parsed(body: bytes | None) -> dict[str, Any]:
    return orjson.loads(body) if body else {}


def _columns(pub: Mapping[str, Any], hub: Mapping[str, Any]) -> dict[str, str | None]:
    location = pub.get("location")
    columns: dict[str, str | None] = {name: _text(pub.get(name)) for name in _COPIED}
    columns["city"] = _text(location.get("city")) if isinstance(location, dict) else None
    deleted = (pub or hub).get("deleted")
    columns["deleted_on"] = _text(deleted.get("on")) if isinstance(deleted, dict) else None
    return columns


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
