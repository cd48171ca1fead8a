"""Every record that goes to the national platform as it stands now. Start at `candidates`.

In the order in which the platform wants them (national-platform.md §7): what carries instruments,
then the instruments, then what customs ask of them, then the unit's year. Type 3, the service unit,
is not there: the platform took it away in 2019.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fenhe_hub.index.supervised import SupervisedRecord, supervised_records
from fenhe_hub.upstream.nrii_kinds import type_1, type_2, type_5, type_7
from fenhe_hub.upstream.nrii_plausible import implausible
from fenhe_hub.upstream.nrii_record import candidate_of, type_4
from fenhe_hub.upstream.outbox import Candidate
from fenhe_hub.upstream.scope import NationalScope
from fenhe_protocol.nrii_norm import CENTRE, CUSTOMS, INSTALLATION, INSTRUMENT, UNIT_YEAR

Members = Mapping[str, Any]
Writer = Callable[[Members, Members, Members], dict[str, str]]

CUSTOMS_PART = "customs"  # of an instrument, an item of its own beside it
TYPES = {
    "centre": CENTRE,
    "installation": INSTALLATION,
    "instrument": INSTRUMENT,
    CUSTOMS_PART: CUSTOMS,
    "unit_year": UNIT_YEAR,
}
"""What an item of the outbox is to the platform, in the order of sending."""
NATIONAL_KINDS = frozenset(TYPES) - {CUSTOMS_PART}
_WRITERS: Mapping[str, Writer] = {
    "centre": type_1,
    "installation": type_2,
    "instrument": type_4,
    CUSTOMS_PART: type_5,
    "unit_year": type_7,
}


def candidates(db: sqlite3.Connection, scope: NationalScope, today: str) -> Iterator[Candidate]:
    """Yield them in the platform's words; `today` is an ISO date, by which dates are judged."""
    units = {record.uscc: _members(record) for record in supervised_records(db, "unit")}
    for kind in TYPES:
        for record in _records(db, scope, kind):
            unit = units.get(record.uscc, {})
            said = _WRITERS[kind](record.public, record.supervised, unit)
            doubts = implausible(kind, _members(record), today)
            place = (record.origin, record.index)
            yield candidate_of(record.uscc, kind, record.id, place, said, TYPES[kind], doubts)


def _records(db: sqlite3.Connection, scope: NationalScope, kind: str) -> Iterator[SupervisedRecord]:
    stored = "instrument" if kind == CUSTOMS_PART else kind
    found = (
        record
        for record in supervised_records(db, stored)
        if record.public and scope.holds(stored, record.supervised)
    )
    if kind == CUSTOMS_PART:
        yield from (record for record in found if record.public.get("imported_duty_free"))
    elif kind == "unit_year":
        yield from _latest(found)
    else:
        yield from found


def _latest(years: Iterator[SupervisedRecord]) -> list[SupervisedRecord]:
    """The last year of each unit: the platform keeps one, and an older one would replace it."""
    last: dict[str, SupervisedRecord] = {}
    for each in years:
        before = last.get(each.uscc)
        if before is None or _year(each) > _year(before):
            last[each.uscc] = each
    return list(last.values())


def _year(record: SupervisedRecord) -> int:
    return int(record.public.get("year", 0))


def _members(record: SupervisedRecord) -> dict[str, Any]:
    return {**record.supervised, **record.public}
