"""The few numbers that say how much there is and how fresh it is."""

import sqlite3
from collections import Counter
from dataclasses import dataclass

from fenhe_hub.index.facets import facets
from fenhe_hub.index.filters import Filters

DAY = 86_400
BEIJING_SECONDS = 8 * 3600


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over what is public; `received_today` by the receipt's date at UTC+8."""

    units: int
    records: Counter[str]  # by kind, without deleted ones
    cities: Counter[str]
    classes: Counter[str]  # by the first two digits of the class code
    received_today: int


def figures(db: sqlite3.Connection, now: int) -> Figures:
    """Count as of `now`."""
    units: int = db.execute(
        "SELECT count(*) FROM unit WHERE state = 'enrolled' AND depth = 0"
    ).fetchone()[0]
    counted = facets(db, "", Filters())
    classes: Counter[str] = Counter()
    for code, count in counted.class_code.items():
        classes[code[:2]] += count
    return Figures(
        units=units,
        records=counted.kind,
        cities=counted.city,
        classes=classes,
        received_today=_received_today(db, now),
    )


def _received_today(db: sqlite3.Connection, now: int) -> int:
    midnight = now - (now + BEIJING_SECONDS) % DAY
    grown = db.execute(
        "SELECT log_no FROM head h JOIN log l USING(log_no) WHERE l.name NOT GLOB 'fed*'"
        " GROUP BY log_no HAVING max(at) >= ?",
        [midnight],
    ).fetchall()
    spans = [(log_no, *_received_since(db, log_no, midnight)) for (log_no,) in grown]
    return sum(
        db.execute(
            "SELECT count(*) FROM body WHERE log_no = ? AND tier = 0 AND idx >= ? AND idx < ?", span
        ).fetchone()[0]
        for span in spans
    )


def _received_since(db: sqlite3.Connection, log_no: int, at: int) -> tuple[int, int]:
    """From which leaf on and up to which a log was received since then."""
    before, size = db.execute(
        "SELECT ifnull(max(CASE WHEN at < ? THEN size END), 0), max(size) FROM receipt"
        " WHERE log_no = ?",
        [at, log_no],
    ).fetchone()
    return before, size


def instruments_by_unit(db: sqlite3.Connection) -> dict[int, int]:
    """How many searchable records each unit has, by its number."""
    return dict(
        db.execute("SELECT unit_no, count(*) FROM searched WHERE +kind = 'instrument' GROUP BY 1")
    )


def records_of_unit(db: sqlite3.Connection, unit_no: int) -> Counter[str]:
    """How many public records of each kind a unit has."""
    rows = db.execute(
        "SELECT kind, count(*) FROM searched WHERE unit_no = ? GROUP BY kind", (unit_no,)
    )
    return Counter(dict(rows))
