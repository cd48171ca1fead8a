"""Which units may read otherwise than when they were judged last: what a check need not do again.

Triggers count, for each unit, the writings that the facts of its rules may follow from: whatever
brings a log up sets its row, so that no writer has to think of it. Unit 0 stands for all of them.
"""

import sqlite3
from collections.abc import Mapping

ALL = 0

_COUNT = """
  UPDATE touched SET times = times + 1 WHERE unit_no = {unit};
  INSERT INTO touched SELECT {unit}, 1
    WHERE NOT EXISTS (SELECT 1 FROM touched WHERE unit_no = {unit});
"""
_OF_LOG = "(SELECT unit_no FROM log WHERE log_no = {row}.log_no)"
_EVENTS = {
    "log_made": ("INSERT ON log", "NEW.unit_no"),
    "log_changed": ("UPDATE ON log", "NEW.unit_no"),
    "unit_changed": ("UPDATE ON unit", "NEW.unit_no"),
    "attested_made": ("INSERT ON attested", _OF_LOG.format(row="NEW")),
    "attested_gone": ("DELETE ON attested", _OF_LOG.format(row="OLD")),
    # What an `rcp` says names a leaf, and its unit only by the leaf's log: it is rare.
    "receipt_said": ("INSERT ON said WHEN NEW.kind = 'rcp'", str(ALL)),
}

SCHEMA = """
CREATE TABLE touched(                         -- how often what a unit is judged by was written
  unit_no INTEGER PRIMARY KEY, times INTEGER NOT NULL
);
CREATE TABLE checked(                         -- written by `check`: by what a unit was judged
  unit_no INTEGER PRIMARY KEY, key TEXT NOT NULL, again_at INTEGER NOT NULL, counts TEXT NOT NULL
);
""" + "".join(
    f"CREATE TRIGGER touch_{name} AFTER {event} BEGIN{_COUNT.format(unit=unit)}END;\n"
    for name, (event, unit) in _EVENTS.items()
)


def times_touched(db: sqlite3.Connection) -> Mapping[int, int]:
    """How often each unit was written to; under `ALL` what concerns every unit."""
    return dict(db.execute("SELECT unit_no, times FROM touched"))
