"""When instruments are taken by their booking systems, as it was last read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fenhe_node.store.database import Store


@dataclass(frozen=True)
class StoredCalendar:
    """What was read at `address`; times are POSIX seconds. `trouble`: why the last try failed."""

    instrument: str
    address: str
    tried_at: int
    read_at: int = 0
    spans: Sequence[tuple[int, int]] = ()
    repeats: bool = False
    trouble: str = ""


def put(store: Store, calendar: StoredCalendar) -> None:
    """Keep what was read last."""
    spans = json.dumps([list(span) for span in calendar.spans])
    store.put("booking_calendar", [{**vars(calendar), "spans": spans}])


def find(store: Store, instrument: str) -> StoredCalendar | None:
    """What is known of an instrument's calendar."""
    rows = store.rows("SELECT * FROM booking_calendar WHERE instrument = ?", [instrument])
    return _calendar(rows[0]) if rows else None


def every(store: Store) -> list[StoredCalendar]:
    """All of them."""
    return [_calendar(row) for row in store.rows("SELECT * FROM booking_calendar")]


def forget_others(store: Store, instruments: Sequence[str]) -> None:
    """Forget the calendars of all but these instruments."""
    gone = [each.instrument for each in every(store) if each.instrument not in set(instruments)]
    store.many("DELETE FROM booking_calendar WHERE instrument = ?", ([each] for each in gone))


def _calendar(row: Mapping[str, Any]) -> StoredCalendar:
    spans = [(begin, end) for begin, end in json.loads(row["spans"])]
    return StoredCalendar(**{**row, "spans": spans, "repeats": bool(row["repeats"])})
