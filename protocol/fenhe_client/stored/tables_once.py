"""Tables that several processes may want to make at once: one makes them, the others find them."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

_PAUSE_SECONDS = 0.05
_TRIES = 200


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction that waits for its turn at its beginning; all of it happens, or nothing.

    For connections that begin none by themselves.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def run_script(connection: sqlite3.Connection, script: str) -> None:
    """Run its statements within the transaction that is open; `executescript` would end that."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def write_ahead(connection: sqlite3.Connection) -> None:
    """Let the database keep a write-ahead log; OperationalError after ten seconds.

    SQLite waits for nobody here, whatever the connection's timeout: of several that open a new file
    at once all but one are told that it is locked.
    """
    for left in reversed(range(_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if not left or "locked" not in str(error):
                raise
            time.sleep(_PAUSE_SECONDS)
