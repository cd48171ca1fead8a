"""Words that the office wants said: durable here until they stand in `fed`. Start at `Waiting`.

Only an act is made here by hand; whatever else is owed in `fed` follows from the mirror.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import writing
from fenhe_hub.home import Home
from fenhe_hub.index.said import said_of
from fenhe_protocol.body import LONGEST_BODY
from fenhe_protocol.errors import RequestError, StoreError
from fenhe_protocol.fed import Act, Word, compose_word, recall_word
from fenhe_protocol.strict_json import loads

_TABLES = (
    "CREATE TABLE IF NOT EXISTS waiting(seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL)",
    # What is just being done beside the casework: an act that is said once it is done.
    "CREATE TABLE IF NOT EXISTS begun(number TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
)
_NO_UNIT = "0" * 18  # the hub's own code is put in when it is said


class Waiting:
    """The queue, open; what is added survives a power cut."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    @classmethod
    @contextmanager
    def open(cls, home: Home) -> Iterator[Self]:
        """Open the hub's; StoreError `store.open`."""
        file = home.waiting
        make_private(file)
        try:
            db = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
            try:
                # No WAL: beside it lies a file that grows with every opening, on a full disk too.
                db.execute("PRAGMA journal_mode=DELETE")
                db.execute("PRAGMA synchronous=FULL")
                db.execute("PRAGMA secure_delete=ON")
                for table in _TABLES:
                    db.execute(table)
                yield cls(db)
            finally:
                db.close()
        except sqlite3.Error as error:
            raise StoreError("store.open", where=str(file), found=str(error)) from error

    def add(self, words: Sequence[Word]) -> None:
        """Keep them, in this order, all or none; RequestError 422 `office.long`.

        What was `begun` is begun no more once its act is among them.
        """
        rows = [(word.kind, word.members()["id"], _body_of(word)) for word in words]
        with writing(self._db):
            self._db.executemany("INSERT INTO waiting(kind, id, body) VALUES (?, ?, ?)", rows)
            self._db.executemany("DELETE FROM begun WHERE number = ?", [row[1:2] for row in rows])

    def begin(self, act: Act) -> None:
        """Keep an act that is said once it is done; RequestError 422 `office.long`."""
        with writing(self._db):
            self._db.execute("INSERT INTO begun VALUES (?, ?)", [act.number, _body_of(act)])

    def give_up(self, act: Act) -> None:
        """It was not done, and is not said."""
        self._db.execute("DELETE FROM begun WHERE number = ?", [act.number])

    def begun(self) -> list[Act]:
        """What was begun and neither said nor given up, by number: by time."""
        rows = self._db.execute("SELECT body FROM begun ORDER BY number").fetchall()
        return [word for (body,) in rows if isinstance(word := recall_word(body), Act)]

    def words(self) -> list[Word]:
        """All that waits, the oldest first."""
        rows = self._db.execute("SELECT body FROM waiting ORDER BY seq")
        return [recall_word(body) for (body,) in rows.fetchall()]

    def count(self) -> int:
        """How many wait."""
        number: int = self._db.execute("SELECT count(*) FROM waiting").fetchone()[0]
        return number

    def settle(self, index: sqlite3.Connection) -> None:
        """Let go of what stands in `fed`, as the index has read it."""
        rows = self._db.execute("SELECT seq, kind, id, body FROM waiting").fetchall()
        said = [(seq,) for seq, kind, id_, body in rows if _stands(index, kind, id_, body)]
        if said:
            with writing(self._db):
                self._db.executemany("DELETE FROM waiting WHERE seq = ?", said)


def _body_of(word: Word) -> bytes:
    """The body of a word; one that no line can hold would keep all others from being said."""
    body = compose_word(word, unit=_NO_UNIT)
    if len(body) > LONGEST_BODY:
        found = f"{word.kind} {len(body)} B"
        raise RequestError("office.long", status=422, expected=f"≤ {LONGEST_BODY} B", found=found)
    return body


def _stands(index: sqlite3.Connection, kind: str, id_: str, body: bytes) -> bool:
    said = said_of(index, kind, id_)
    return said is not None and {**said, "unit": _NO_UNIT} == loads(body)
