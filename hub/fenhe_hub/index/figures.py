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


_SIZE = "SELECT max(size) FROM {} WHERE log_no = g.log_no"
_BEFORE = f"{_SIZE} AND at < :midnight"
_RECEIVED = f"""
SELECT ifnull(sum((SELECT count(*) FROM body b WHERE b.log_no = s.log_no AND b.tier = 0
  AND b.idx >= s.start AND b.idx < s.stop)), 0)
FROM (SELECT g.log_no,
    max(ifnull(({_BEFORE.format("head")}), 0), ifnull(({_BEFORE.format("attested")}), 0)) AS start,
    max(ifnull(({_SIZE.format("head")}), 0), ifnull(({_SIZE.format("attested")}), 0)) AS stop
  FROM log g WHERE g.cosigned_at >= :midnight AND g.name NOT GLOB 'fed*') s
"""


def _received_today(db: sqlite3.Connection, now: int) -> int:
    """Public bodies of leaves whose earliest receipt is of today; log by log, by its index."""
    midnight = now - (now + BEIJING_SECONDS) % DAY
    count: int = db.execute(_RECEIVED, {"midnight": midnight}).fetchone()[0]
    return count


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
