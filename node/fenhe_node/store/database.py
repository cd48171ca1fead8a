"""Open the store, write in transactions, and turn what SQLite says into StoreError."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database

from fenhe_client.stored.private_file import make_private
from fenhe_node.store.tables import migrate
from fenhe_protocol.errors import StoreError

_WAIT = 30  # seconds for another process of the same node to finish writing


class Store:
    """One node's store. A context manager; not to be shared between threads."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._tables = Database(connection)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open or make the file at `path` and bring its tables up to date."""
        make_private(path)  # contact persons stand in it
        try:
            connection = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError("store.open", where=str(path), found=str(error)) from error
        store = cls(connection, path)
        try:
            with store._errors():
                # What is erased must not live on in free pages (feed §4).
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("PRAGMA foreign_keys = ON")
                migrate(connection, path)
        except BaseException:
            connection.close()
            raise
        return store

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside happens, or nothing does.

        It waits for its turn at the beginning: one that reads first and then wants to write could
        not wait for another process, but would fail.
        """
        with self._errors():
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
                with self._whole():
                    yield
            else:
                with self._tables.atomic():
                    yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # SQLite may have taken it back already
                self._connection.execute("ROLLBACK")
            raise

    def scour(self) -> None:
        """Leave nothing of what was deleted in the file: no free page, no journal (feed §4)."""
        with self._errors():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("VACUUM")

    def insert(self, table: str, row: dict[str, Any]) -> int:
        """Insert one row and give its number."""
        with self._errors():
            self._tables.table(table).insert(row)
            return int(self._connection.execute("SELECT last_insert_rowid()").fetchone()[0])

    def put(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows, or replace those with the same key."""
        with self._errors():
            self._tables.table(table).insert_all(rows, replace=True)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, the quick way."""
        with self._errors():
            self._connection.executemany(sql, rows)

    def run(self, sql: str, values: Sequence[Any] = ()) -> int:
        """Run one writing statement and count the rows it touched."""
        with self._errors():
            return self._connection.execute(sql, values).rowcount

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Read all rows of a query by column name."""
        with self._errors():
            cursor = self._connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def table(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read all rows of a query as they are: for the queries that give very many."""
        with self._errors():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            raise StoreError(
                "store.failed",
                where=str(self._path),
                found=str(error),
                advice="检查磁盘空间和文件权限; look at free space and permissions",
            ) from error
