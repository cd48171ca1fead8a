"""Every derived table in a defined order, as JSON lines: equal indexes print equal bytes."""

import sqlite3
from collections.abc import Iterator

import orjson

# Without `finding`, which is judged, not derived, and the full text, which follows from these.
DERIVED = {
    "unit": "unit_no",
    "log": "log_no",
    "body": "log_no, idx, tier",
    "lagging": "log_no, idx, tier",
    "sealed": "log_no, idx",
    "gap": "log_no, idx, tier",
    "skip": "log_no, idx, tier",
    "head": "log_no, size, at",
    "attested": "log_no, size, at",
    "resource": "unit_no, kind, id",
    "erased": "log_no, tier, start",
    "said": "kind, id",
    "word": "unit_no, kind, id",
    "beat": "epoch, idx",
    "fed": "epoch",
    "judged": "one",
}


def dump_index(connection: sqlite3.Connection) -> Iterator[bytes]:
    """One line for each row: `{"table":…, <column>:…}`, names sorted, bytes as hex."""
    connection.execute("BEGIN")  # one snapshot, whatever is written meanwhile
    try:
        for table, order in DERIVED.items():
            yield from _rows(connection, table, order)
    finally:
        connection.execute("ROLLBACK")


def _rows(connection: sqlite3.Connection, table: str, order: str) -> Iterator[bytes]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY {order}")
    names = [column[0] for column in cursor.description]
    for row in cursor:
        values = dict(zip(names, row, strict=True))
        yield orjson.dumps(
            {"table": table, **values},
            default=bytes.hex,
            option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE,
        )
