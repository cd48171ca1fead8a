"""One SELECT on a database of the unit, never a write. Start at `run_query`.

SQLite is part of Python; the drivers of the others are extras, asked for only where one is used.
That nothing is written is asked of the database itself, in each one's own way; the look at the
text is only there to say early what is meant.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fenhe_node.collecting.secret import without
from fenhe_node.sources.records import MOST_RECORDS
from fenhe_protocol.errors import Deferred, InputError, SetupError

SECONDS = 60  # a query may take
_BATCH = 1000
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
_SELECT = re.compile(r"(select|with)\b", re.I)
# MySQL writes files in a transaction that only reads too; in what it calls a comment as well.
_TO_FILE = re.compile(r"\b(out|dump)file\b", re.I)
_READS = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
_FORBIDDEN_FUNCTIONS = frozenset(("load_extension", "readfile", "writefile", "edit"))


@dataclass(frozen=True)
class Answer:
    """What a query gave: its columns, and its rows by column."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]


def run_query(place: str, query: str, secret: str, *, home: Path, where: str) -> Answer:
    """Run `query` and give its rows by column; at most MOST_RECORDS.

    SetupError for a query or driver that will not do, Deferred where the database is away.
    """
    _check(query, where)
    text = query.strip().rstrip(";")
    if place.startswith("sqlite:"):
        return _sqlite(home / place.removeprefix("sqlite:"), text, where)
    run = _postgresql if place.startswith("postgresql:") else _mysql
    return run(place, text, secret, where)


def shown_place(place: str) -> str:
    """Name a database for people: kind, host and name, nobody's account."""
    if place.startswith("sqlite:"):
        return Path(place.removeprefix("sqlite:")).name
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _check(query: str, where: str) -> None:
    plain = _QUOTED.sub("''", _COMMENT.sub(" ", query)).strip().rstrip(";")
    if ";" in plain or not _SELECT.match(plain) or _TO_FILE.search(query):
        raise SetupError(
            "source.query", where=f"{where} · query", expected="一条 SELECT one SELECT"
        )


def _sqlite(path: Path, query: str, where: str) -> Answer:
    if not path.is_file():
        raise Deferred("source.unreached", where=where, found=f"{path.name}: no file")
    ends = time.monotonic() + SECONDS
    with _told(where, "", sqlite3.Error):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        with closing(connection):
            connection.execute("PRAGMA query_only = ON")
            # What is no UTF-8 is refused at its own cell, and quoted in no message.
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            connection.set_progress_handler(lambda: int(time.monotonic() > ends), 100_000)
            connection.set_authorizer(_may)
            cursor = connection.execute(query)
            return _rows(cursor.description, cursor.fetchmany, where)


def _may(action: int, name: str | None, function: str | None, *_: str | None) -> int:
    if action not in _READS or (function or "").lower() in _FORBIDDEN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _postgresql(place: str, query: str, secret: str, where: str) -> Answer:
    psycopg = _driver("psycopg", "postgresql", where)
    parts = urlsplit(place)
    with _told(where, secret, psycopg.Error):
        connection = psycopg.connect(
            host=parts.hostname or None,
            port=parts.port or 5432,
            user=unquote(parts.username or "") or None,
            password=secret or None,
            dbname=unquote(parts.path.strip("/")),
            connect_timeout=10,
            options=f"-c statement_timeout={SECONDS * 1000} -c default_transaction_read_only=on",
        )
        with connection:
            connection.read_only = True
            # A cursor is declared for one query: whatever follows it is an error of syntax.
            with connection.cursor(name="fenhe") as cursor:
                cursor.execute(query)
                return _rows(cursor.description, cursor.fetchmany, where)


def _mysql(place: str, query: str, secret: str, where: str) -> Answer:
    pymysql = _driver("pymysql", "mysql", where)
    parts = urlsplit(place)
    with _told(where, secret, pymysql.err.Error):
        connection = pymysql.connect(
            host=parts.hostname or "localhost",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=secret.encode(),  # its own way would take Latin-1 alone
            database=unquote(parts.path.strip("/")),
            connect_timeout=10,
            read_timeout=SECONDS,
            write_timeout=SECONDS,
            charset="utf8mb4",
            local_infile=False,
            cursorclass=pymysql.cursors.SSCursor,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("START TRANSACTION READ ONLY")
            cursor.execute(query)
            return _rows(cursor.description, cursor.fetchmany, where)


def _driver(name: str, extra: str, where: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise SetupError(
            "source.driver",
            where=where,
            expected=name,
            advice=f"pip install 'fenhe[{extra}]'",
        ) from error


@contextmanager
def _told(where: str, secret: str, errors: type[Exception]) -> Iterator[None]:
    """Say what a database said, without the password."""
    try:
        yield
    except errors as error:
        found = without(secret, f"{type(error).__name__}: {error}")
        raise Deferred("source.unreached", where=where, found=found) from None


def _rows(
    columns: Sequence[Any] | None, fetch: Callable[[int], Sequence[Any]], where: str
) -> Answer:
    names = [str(column[0]) for column in columns or ()]
    if len(set(names)) < len(names) or not names:
        raise SetupError(
            "source.query",
            where=f"{where} · query",
            expected="列名各不相同 columns of different names",
            found=", ".join(names),
        )
    found: list[dict[str, Any]] = []
    while batch := fetch(_BATCH):
        found += [dict(zip(names, row, strict=True)) for row in batch]
        if len(found) > MOST_RECORDS:
            raise InputError("source.size", where=where, expected=f"≤ {MOST_RECORDS} 条 records")
    return Answer(tuple(names), found)
