"""What service records say, told to the index before a check. Start at `tell_services`.

A run may be cut short anywhere: what is told of some blocks and that they are told is written
together. Whatever order leaves are told in, an identity's row is that of its last valid leaf.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from fenhe_hub.home import Home
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.services import (
    KIND,
    ServiceRow,
    drop_services,
    ids_between,
    mark_told,
    put_services,
    service_row,
)
from fenhe_hub.mirror.log import MirrorLog
from fenhe_protocol.body import read_body_file
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.tiles import blocks_between, body_path

TIER, _HUB = "hub", 1
_CHUNK = 64  # blocks in one transaction


@dataclass(frozen=True, slots=True)
class _Log:
    unit_no: int
    log_no: int
    files: MirrorLog
    told: int  # leaves below were told at least once
    is_last: bool  # of the unit's epochs


def tell_services(home: Home, db: sqlite3.Connection) -> int:
    """Bring `service` up to what is indexed; the number of leaves that were told."""
    owed = db.execute("SELECT log_no, start, stop FROM untold ORDER BY log_no, start").fetchall()
    for log_no, start, stop in owed:
        for first in range(start - start % BLOCK, stop, _CHUNK * BLOCK):
            _tell(home, db, log_no, max(first, start), min(first + _CHUNK * BLOCK, stop))
    return sum(stop - start for _, start, stop in owed)


def _tell(home: Home, db: sqlite3.Connection, log_no: int, start: int, stop: int) -> None:
    with transaction(db):
        log = _log(home, db, log_no)
        new = max(start, min(log.told, stop)) if log.is_last else stop
        if start < new:
            _tell_again(home, db, log, start, new)
        if new < stop:
            _tell_new(db, log, new, stop)
        mark_told(db, log_no, start, stop)


def _log(home: Home, db: sqlite3.Connection, log_no: int) -> _Log:
    unit_no, origin, last = db.execute(
        "SELECT unit_no, origin, (SELECT max(o.log_no) FROM log o WHERE o.unit_no = l.unit_no"
        " AND o.name LIKE 'usage%') FROM log l WHERE log_no = ?",
        [log_no],
    ).fetchone()
    told = db.execute("SELECT stop FROM told WHERE log_no = ?", [log_no]).fetchone()
    return _Log(unit_no, log_no, MirrorLog(home, origin), told[0] if told else 0, last == log_no)


def _tell_new(db: sqlite3.Connection, log: _Log, start: int, stop: int) -> None:
    """Leaves that come after all that was told of their unit: each counts as it comes."""
    rows: list[ServiceRow] = []
    for index, id_, deleted, body in _bodies(db, log, start, stop):
        if deleted:
            put_services(db, rows)
            rows.clear()
            drop_services(db, log.unit_no, [id_])
        else:
            rows.append(service_row(log.unit_no, log.log_no, index, orjson.loads(body)))
    put_services(db, rows)


def _bodies(
    db: sqlite3.Connection, log: _Log, start: int, stop: int
) -> Iterator[tuple[int, str, bool, bytes]]:
    valid = db.execute(
        "SELECT idx, id, deleted FROM body WHERE log_no = ? AND idx >= ? AND idx < ?"
        " AND tier = ? AND kind = ?",
        (log.log_no, start, stop, _HUB, KIND),
    )
    by_block: dict[int, list[tuple[int, str, bool]]] = {}
    for index, id_, deleted in valid.fetchall():
        by_block.setdefault(index // BLOCK, []).append((index, id_, bool(deleted)))
    for block in blocks_between(start, stop):
        if block in by_block:
            bodies = _stored(log.files, block)
            for index, id_, is_gone in by_block[block]:
                if index in bodies:  # else it goes just now, and will be told again
                    yield index, id_, is_gone, bodies[index]


def _stored(files: MirrorLog, block: int) -> dict[int, bytes]:
    raw = files.files.read(body_path(TIER, block)) or b""
    lines, _ = read_body_file(raw, block)
    return {line.index: line.body for line in lines}


def _tell_again(home: Home, db: sqlite3.Connection, log: _Log, start: int, stop: int) -> None:
    """Leaves of which something went or came late: their identities are told from what is there."""
    touched = ids_between(db, log.unit_no, log.log_no, start, stop)
    touched.update(
        row[0]
        for row in db.execute(
            "SELECT id FROM body WHERE log_no = ? AND idx >= ? AND idx < ? AND tier = ?",
            (log.log_no, start, stop, _HUB),
        )
    )
    drop_services(db, log.unit_no, touched)
    put_services(db, _last_of(home, db, log.unit_no, sorted(touched)))


def _last_of(
    home: Home, db: sqlite3.Connection, unit_no: int, ids: Iterable[str]
) -> Iterator[ServiceRow]:
    """The states of identities, by their last valid leaves in whatever epoch."""
    places: dict[tuple[int, int], list[int]] = {}
    for id_ in ids:
        found = _last_place(db, unit_no, id_)
        if found is not None:
            log_no, index = found
            places.setdefault((log_no, index // BLOCK), []).append(index)
    for (log_no, block), leaves in sorted(places.items()):
        bodies = _stored(_log(home, db, log_no).files, block)
        for index in leaves:
            if index in bodies:
                yield service_row(unit_no, log_no, index, orjson.loads(bodies[index]))


def _last_place(db: sqlite3.Connection, unit_no: int, id_: str) -> Sequence[int] | None:
    """(log_no, index) of the last valid leaf of an identity; None where it deletes, or is none."""
    found = db.execute(
        "SELECT b.log_no, max(b.idx), b.deleted FROM log l CROSS JOIN body b"
        " ON b.kind = ? AND b.id = ? AND b.log_no = l.log_no AND b.tier = ?"
        " WHERE l.unit_no = ? GROUP BY b.log_no ORDER BY l.epoch DESC LIMIT 1",
        (KIND, id_, _HUB, unit_no),
    ).fetchone()
    return None if found is None or found[2] else found[:2]
