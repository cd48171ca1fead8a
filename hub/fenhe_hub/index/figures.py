"""The few numbers that say how much there is and how fresh it is."""

import sqlite3
from collections import Counter
from dataclasses import dataclass

DAY = 86_400
BEIJING_SECONDS = 8 * 3600


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over what is public; `received_today` by the receipt's date at UTC+8."""

    units: int
    records: Counter[str]  # by kind, without deleted ones
    cities: Counter[str]  # by city, those that can be searched
    received_today: int


def figures(db: sqlite3.Connection, now: int) -> Figures:
    """Count as of `now`."""
    units: int = db.execute("SELECT count(*) FROM unit WHERE state = 'enrolled'").fetchone()[0]
    kinds = db.execute(
        "SELECT kind, count(*) FROM resource WHERE pub_idx IS NOT NULL AND deleted_on IS NULL"
        " GROUP BY kind"
    )
    cities = db.execute("SELECT city, count(*) FROM searched WHERE city IS NOT NULL GROUP BY city")
    return Figures(units, Counter(dict(kinds)), Counter(dict(cities)), _received_today(db, now))


def _received_today(db: sqlite3.Connection, now: int) -> int:
    midnight = now - (now + BEIJING_SECONDS) % DAY
    spans = db.execute(
        "SELECT log_no, ifnull(max(CASE WHEN at < ? THEN size END), 0), max(size) FROM head"
        " GROUP BY log_no HAVING max(at) >= ?",
        (midnight, midnight),
    ).fetchall()
    return sum(
        db.execute(
            "SELECT count(*) FROM body WHERE log_no = ? AND tier = 0 AND idx >= ? AND idx < ?", span
        ).fetchone()[0]
        for span in spans
    )


def instruments_by_unit(db: sqlite3.Connection) -> dict[int, int]:
    """How many searchable records each unit has, by its number."""
    return dict(
        db.execute("SELECT unit_no, count(*) FROM searched WHERE kind = 'instrument' GROUP BY 1")
    )
