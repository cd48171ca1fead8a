"""What of the index is not shown: the records of units that do not stand in the registry any more.

Views of the connection's own take the place of the tables, so that no question has to think of it.
Of a suspended unit nothing at all is shown; one that moved or retired is found no longer, and what
it said stays where a link leads to it: it is evidence (feed §10, ADR 0006).
"""

import sqlite3

_GONE = "SELECT unit_no FROM main.unit WHERE state <> 'enrolled'"
_SUSPENDED = "SELECT unit_no FROM main.unit WHERE state = 'suspended'"
_ITS_LOGS = f"SELECT log_no FROM main.log WHERE unit_no IN ({_SUSPENDED})"

_SHOWN = {
    "searched": f"unit_no NOT IN ({_GONE})",
    "searched_span": f"unit_no NOT IN ({_GONE})",
    "finding": f"unit_no NOT IN ({_GONE})",
    "resource": f"unit_no NOT IN ({_SUSPENDED})",
    "log": f"unit_no NOT IN ({_SUSPENDED})",
    "body": f"log_no NOT IN ({_ITS_LOGS})",
    "head": f"log_no NOT IN ({_ITS_LOGS})",
    "receipt": f"log_no NOT IN ({_ITS_LOGS})",
    "skip": f"log_no NOT IN ({_ITS_LOGS})",
    "lagging": f"log_no NOT IN ({_ITS_LOGS})",
}


def hide_units(db: sqlite3.Connection) -> None:
    """Let this connection see only what is shown; it costs nothing while all units are enrolled."""
    if db.execute(f"{_GONE} LIMIT 1").fetchone() is None:
        return
    for table, condition in _SHOWN.items():
        db.execute(f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} WHERE {condition}")


def is_gone(db: sqlite3.Connection, unit: str) -> bool:
    """Whether the unit of this origin has moved or retired: it is visited no more."""
    return _state(db, unit) in ("moved", "retired")


def is_suspended(db: sqlite3.Connection, unit: str) -> bool:
    """Whether the unit of this origin is suspended."""
    return _state(db, unit) == "suspended"


def _state(db: sqlite3.Connection, unit: str) -> str:
    row = db.execute("SELECT state FROM main.unit WHERE origin = ?", [unit]).fetchone()
    return str(row[0]) if row is not None else ""
