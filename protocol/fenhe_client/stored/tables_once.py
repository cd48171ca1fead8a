"""Tables that several processes may want to make at once: one makes them, the others find them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


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
