"""Records with both their tiers, for the hub's own programs: never for pages or the public API."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class SupervisedRecord:
    """The state of one catalogue identity: `pub` and `hub` members, and where it stands."""

    uscc: str
    kind: str
    id: str
    origin: str
    index: int
    public: Mapping[str, Any]
    supervised: Mapping[str, Any]


def supervised_records(db: sqlite3.Connection, kind: str) -> Iterator[SupervisedRecord]:
    """Yield every record of a kind that is not deleted, of enrolled units, in a fixed order."""
    rows = db.execute(
        "SELECT u.uscc, r.kind, r.id, l.origin, r.pub_idx, r.hub_idx, r.pub, r.hub"
        " FROM resource r JOIN unit u USING(unit_no) JOIN log l USING(log_no)"
        " WHERE r.kind=? AND r.deleted_on IS NULL AND u.state='enrolled'"
        " ORDER BY u.uscc, r.id",
        (kind,),
    )
    for uscc, kind_, identity, origin, pub_idx, hub_idx, pub, hub in rows:
        yield SupervisedRecord(
            uscc,
            kind_,
            identity,
            origin,
            max(index for index in (pub_idx, hub_idx) if index is not None),
            orjson.loads(pub) if pub else {},
            orjson.loads(hub) if hub else {},
        )
