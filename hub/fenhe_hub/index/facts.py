"""Gather what the disclosure rules may know of each unit. Start at `gather_units`.

Reads the index; only where an identity has more than one leaf, or one that was refused, are bodies
read from the mirror, through the `BodyReader` passed in. Receipts come from the cosigned heads
(feed §9); how instruments are used is added up in `facts_usage`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import orjson

from fenhe_hub.index.facts_usage import usage_facts
from fenhe_hub.index.gap_rows import MISSING
from fenhe_hub.index.receipts import make_receipts
from fenhe_hub.index.said import first_dates, said_under
from fenhe_hub.index.tables import TIERS
from fenhe_hub.rules.facts import (
    LogFacts,
    Moment,
    Outage,
    Refusal,
    ResourceFacts,
    Submission,
    UnitFacts,
)
from fenhe_protocol.encoding import date_at

BodyReader = Callable[[str, str, int], Mapping[str, Any] | None]
"""(origin of the log, tier, index) → the body's members, or None if it is not there."""

DEFAULT_RHYTHM_HOURS = 24
OUTAGE_SECONDS = 2 * 3600
MOST_REFUSED = 1_000  # of one log that are looked at for what they said: the first ones
_APART = ("unit", "usage_summary")


def outages_of(beats: Iterable[int], now: int) -> tuple[Outage, ...]:
    """Return the hub's outages: gaps of over two hours between its own heartbeats (feed §10)."""
    times = [*sorted(beats), now]
    pairs = pairwise(times)
    return tuple(Outage(a, b) for a, b in pairs if b - a > OUTAGE_SECONDS)


def gather_moment(db: sqlite3.Connection, now: int) -> Moment:
    """Return the moment at which the rules are asked."""
    beats = [row[0] for row in db.execute("SELECT at FROM beat ORDER BY epoch, idx")]
    return Moment(now, date.fromisoformat(date_at(now)), outages_of(beats, now))


def judged_units(db: sqlite3.Connection) -> dict[int, str]:
    """The code of every enrolled unit, of hubs beneath too, by its number; a hub is none."""
    rows = db.execute("SELECT unit_no, uscc FROM unit WHERE state='enrolled' AND depth=0")
    return dict(rows.fetchall())


def gather_units(
    db: sqlite3.Connection, read_body: BodyReader, units: Collection[int] | None = None
) -> Iterator[tuple[int, UnitFacts]]:
    """Yield (unit_no, facts) of every unit that is judged, or of some of them."""
    for unit_no in judged_units(db):
        if units is None or unit_no in units:
            yield unit_no, _Gathering(db, read_body, unit_no).unit()


class _Gathering:
    """One unit's logs, receipts and records, read once."""

    def __init__(self, db: sqlite3.Connection, read_body: BodyReader, unit_no: int) -> None:
        self._db = db
        self._read_body = read_body
        self._unit_no = unit_no
        self._origins: dict[int, str] = dict(
            db.execute("SELECT log_no, origin FROM log WHERE unit_no=?", (unit_no,))
        )
        # Of a record in a later epoch there may be leaves in the logs before: nothing is reset.
        self._continuing = {
            row[0]
            for row in db.execute("SELECT log_no FROM log WHERE unit_no=? AND epoch > 1", [unit_no])
        }
        self._has_first = any(
            next(said_under(db, "rcp", f"{origin}#"), None) for origin in self._origins.values()
        )
        self._receipts = {
            log_no: make_receipts(
                db.execute("SELECT size, at FROM receipt WHERE log_no=?", (log_no,)).fetchall()
            )
            for log_no in self._origins
        }
        self._refused = self._refused_leaves()

    def unit(self) -> UnitFacts:
        uscc, enrolled_at = self._db.execute(
            "SELECT uscc, enrolled_at FROM unit WHERE unit_no=?", (self._unit_no,)
        ).fetchone()
        resources = tuple(self._resources())
        record = next((r for r in resources if r.kind == "unit"), None)
        public = record.public if record else {}
        usage = usage_facts(
            *(self._db, self._unit_no, self._origins, self._receipts, resources),
            outages=self._outages,
        )
        return UnitFacts(
            uscc=uscc,
            name=public.get("name_zh", uscc),
            enrolled_on=date.fromisoformat(date_at(enrolled_at)),
            rhythm_hours=public.get("rhythm_hours", DEFAULT_RHYTHM_HOURS),
            unit_record=record,
            resources=tuple(r for r in resources if r.kind not in _APART),
            fee_standards=frozenset(r.id for r in resources if r.kind == "fee_standard"),
            summarised=frozenset(
                r.public["instrument"]
                for r in resources
                if r.kind == "usage_summary" and "instrument" in r.public
            ),
            refusals=tuple(self._refusals()),
            logs=tuple(self._logs()),
            enrolled_at=enrolled_at,
            usage=usage,
        )

    def _outages(self) -> tuple[Outage, ...]:
        """Asked for only where a raised price came: there may be years of heartbeats."""
        beats = [at for (at,) in self._db.execute("SELECT at FROM beat ORDER BY epoch, idx")]
        return outages_of(beats, max(beats, default=0))

    def _resources(self) -> Iterator[ResourceFacts]:
        rows = self._db.execute(
            "SELECT kind, id, log_no, pub_idx, first_idx, pub, hub FROM resource"
            " WHERE unit_no=? AND deleted_on IS NULL ORDER BY kind, id",
            (self._unit_no,),
        )
        for kind, identity, log_no, pub_idx, first_idx, pub, hub in rows.fetchall():
            public = orjson.loads(pub) if pub else {}
            yield ResourceFacts(
                kind=kind,
                id=identity,
                origin=self._origins[log_no],
                public=public,
                supervised=orjson.loads(hub) if hub else {},
                submissions=self._submissions(kind, identity, log_no, pub_idx, first_idx, public),
            )

    def _submissions(
        self,
        kind: str,
        identity: str,
        log_no: int,
        pub_idx: int | None,
        first_idx: int,
        public: Mapping[str, Any],
    ) -> tuple[Submission, ...]:
        refused = self._refused.get((kind, identity), ())
        if pub_idx is None:
            return tuple(refused)
        last = Submission(pub_idx, public, self._receipts[log_no].delivered_on(pub_idx))
        erased = self._erased(kind, identity)
        if first_idx == pub_idx and not erased and log_no not in self._continuing:
            return (*refused, last)
        rows = self._db.execute(
            "SELECT log_no, idx FROM body WHERE kind=? AND id=? AND tier=0 AND deleted=0"
            " AND log_no IN (SELECT log_no FROM log WHERE unit_no=?) ORDER BY log_no, idx",
            (kind, identity, self._unit_no),
        )
        earlier = [row for row in rows.fetchall() if row != (log_no, pub_idx)]
        known = (*self._older(earlier), last)
        # What was erased said at least who it was; what remains first says the rest of it.
        stand_ins = [replace(known[0], delivered_on=day) for day in erased]
        return (*refused, *stand_ins, *known)

    def _erased(self, kind: str, identity: str) -> list[date]:
        """The earliest day that `fed` says of the leaves of an identity that were erased."""
        if not self._has_first:
            return []
        rows = self._db.execute(
            "SELECT DISTINCT l.origin, b.idx FROM body b JOIN log l USING(log_no)"
            " WHERE b.kind=? AND b.id=? AND l.unit_no=?",
            (kind, identity, self._unit_no),
        )
        days = [date.fromisoformat(each) for each in first_dates(self._db, rows.fetchall())]
        return [min(days)] if days else []

    def _older(self, leaves: Iterable[tuple[int, int]]) -> Iterator[Submission]:
        for log_no, index in leaves:
            fields = self._read_body(self._origins[log_no], TIERS[0], index)
            if fields is not None:
                yield Submission(index, fields, self._receipts[log_no].delivered_on(index))

    def _refused_leaves(self) -> dict[tuple[str, str], list[Submission]]:
        """What public leaves said that the hub refused for their form, by whom they named."""
        found: dict[tuple[str, str], list[Submission]] = {}
        for log_no, origin in self._origins.items():
            rows = self._db.execute(
                "SELECT idx FROM skip WHERE log_no=? AND tier='pub' AND code='schema'"
                " ORDER BY idx LIMIT ?",
                (log_no, MOST_REFUSED),
            )
            for (index,) in rows.fetchall():
                said = self._read_body(origin, TIERS[0], index) or {}
                kind, id_ = said.get("kind"), said.get("id")
                if isinstance(kind, str) and isinstance(id_, str):
                    delivered = self._receipts[log_no].delivered_on(index)
                    submission = Submission(index, said, delivered, refused=True)
                    found.setdefault((kind, id_), []).append(submission)
        return found

    def _refusals(self) -> Iterator[Refusal]:
        for log_no, origin in self._origins.items():
            rows = self._db.execute("SELECT idx, tier, code FROM skip WHERE log_no=?", (log_no,))
            for index, tier, code in rows.fetchall():
                delivered = self._receipts[log_no].delivered_on(index)
                yield Refusal(origin, index, tier, code, delivered)

    def _logs(self) -> Iterator[LogFacts]:
        rows = self._db.execute(
            "SELECT origin, size, heartbeat_at, cosigned_size, cosigned_at, quarantined,"
            f" {MISSING}"
            " FROM log l WHERE unit_no=? AND ended IS NULL ORDER BY log_no",
            (self._unit_no,),
        )
        for origin, size, beat, cosigned_size, cosigned_at, quarantined, gaps in rows:
            alive = [at for at in (beat, cosigned_at) if at is not None]
            yield LogFacts(
                origin=origin,
                size=size,
                alive_at=max(alive, default=None),
                cosigned_size=cosigned_size,
                gaps=gaps,
                quarantined=bool(quarantined),
            )
