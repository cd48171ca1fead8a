"""Who lags: units with records that only the version before of a schema still takes.

Of each identity and tier the last valid body counts (feed §4): what was published anew under the
current version lags no longer, whatever its earlier leaves were.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass

from fenhe_hub.index.tables import MOST_EPOCHS
from fenhe_protocol.schema import SchemaSet

# By the numbers of logs, (log_no, idx) is (epoch, index) among the bodies of one kind and unit.
_STILL = f"""
FROM lagging g JOIN body b ON (b.log_no, b.idx, b.tier) = (g.log_no, g.idx, g.tier)
JOIN log l ON l.log_no = g.log_no
JOIN unit u ON u.unit_no = l.unit_no AND u.state = 'enrolled'
WHERE NOT EXISTS (
  SELECT 1 FROM body n WHERE n.kind = b.kind AND n.id = b.id AND n.tier = b.tier
  AND n.log_no BETWEEN b.log_no AND {2 * MOST_EPOCHS} * (l.unit_no + 1) - 1
  AND (n.log_no, n.idx) > (b.log_no, b.idx))
"""

LAGGING_UNITS = f"SELECT count(DISTINCT l.unit_no) {_STILL}"


@dataclass(frozen=True, slots=True)
class Lagging:
    """How many records of one kind of a unit lag behind `version`, the current one."""

    unit_no: int
    kind: str
    version: int
    records: int


def lagging(db: sqlite3.Connection, unit: str | None = None) -> list[Lagging]:
    """All enrolled units' by unit and kind, or those of the unit of this origin.

    For operators and for the unit itself: it counts what not everyone may know of.
    """
    only, values = ("", ()) if unit is None else (" AND u.origin = ?", (unit,))
    rows = db.execute(
        f"SELECT l.unit_no, b.kind, count(DISTINCT b.id) {_STILL}{only}"
        " GROUP BY l.unit_no, b.kind ORDER BY l.unit_no, b.kind",
        values,
    )
    schemas = SchemaSet.load()
    return [
        Lagging(unit_no, kind, schemas.kind(kind).version, count) for unit_no, kind, count in rows
    ]


def publicly_lagging(db: sqlite3.Connection) -> Counter[int]:
    """How many records of each unit lag by their public body; no other tier is counted."""
    rows = db.execute(f"SELECT l.unit_no, count(*) {_STILL} AND g.tier = 0 GROUP BY l.unit_no")
    return Counter(dict(rows.fetchall()))
