"""Numbers by which people cite what the office keeps: E-2026-0001. Start at `next_number`."""

import sqlite3


def next_number(db: sqlite3.Connection, table: str, letter: str, year: int) -> str:
    """The next free one of a year, in a table with a column `number`."""
    begin = f"{letter}-{year}-"
    rows = db.execute(
        f"SELECT number FROM {table} WHERE number >= ? AND number < ?", [begin, f"{begin}~"]
    )
    last = max((int(number[len(begin) :]) for (number,) in rows), default=0)
    return f"{begin}{last + 1:04}"
