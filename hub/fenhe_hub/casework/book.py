"""The casework tables opened, brought up to the acts, and made again. Start at `open_casework`."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import ModuleType

from fenhe_client.stored.private_file import make_private
from fenhe_client.stored.tables_once import run_script, write_ahead, writing
from fenhe_hub.casework import (
    accounts,
    applications,
    authorities,
    complaint_acts,
    corrections,
    evaluations,
    exemptions,
    invitation_mails,
    journal,
    measures,
    notices,
    objections,
    obliged,
    reports,
    reviews,
    rule_proposals,
    summaries,
)
from fenhe_hub.casework.waiting import Waiting
from fenhe_hub.home import Home
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import Act, Word, compose_word, recall_word
from fenhe_protocol.position import Position

Fold = Callable[[sqlite3.Connection, Act], None]
"""How an act changes the tables of its domain: always the same way, and never raising."""

DOMAINS: tuple[ModuleType, ...] = (
    *(journal, accounts, complaint_acts),
    *(
        authorities,
        obliged,
        invitation_mails,
        exemptions,
        objections,
        reviews,
        evaluations,
        corrections,
    ),
    *(notices, measures),
    rule_proposals,
    applications,
    reports,
    summaries,
)
"""Each has `TABLES`, SQL without IF NOT EXISTS, and `FOLDS`, by the name of an act."""

VERSION = 14
"""Raised with every change of a table or a fold: the file is then made again by itself."""

_OWN = """
CREATE TABLE read_to(epoch INTEGER NOT NULL, size INTEGER NOT NULL);
INSERT INTO read_to VALUES (1, 0);
"""


@dataclass(frozen=True, slots=True)
class Casework:
    """The tables, open; `db` is read by the modules of the domains."""

    db: sqlite3.Connection

    @contextmanager
    def taking(self, words: Iterable[Word]) -> Iterator[None]:
        """Fold in the acts of words that become durable meanwhile; none if that or a fold fails.

        They are folded as they will be read again, so the tables are those made again from them.
        """
        with writing(self.db):
            for word in words:
                if isinstance(act := recall_word(compose_word(word, unit="")), Act):
                    _take(self.db, act)
            yield


@contextmanager
def open_casework(home: Home) -> Iterator[Casework]:
    """The tables as of all acts so far, those that wait included; StoreError `store.open`."""
    try:
        with closing(_connect(home)) as db:
            _catch_up(db, home)
            yield Casework(db)
    except sqlite3.DatabaseError as error:
        raise StoreError(
            "store.open",
            where=str(home.casework),
            found=str(error),
            advice="rm casework.sqlite",
        ) from error


def _connect(home: Home) -> sqlite3.Connection:
    make_private(home.casework)
    db = sqlite3.connect(home.casework, timeout=60, isolation_level=None, check_same_thread=False)
    try:
        write_ahead(db)
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA secure_delete=ON")  # what was erased from `fed` must go from here too
        if _version(db) != VERSION:
            with writing(db):
                if _version(db) != VERSION:  # else another process has made it meanwhile
                    _make(db)
    except BaseException:
        db.close()
        raise
    return db


def _version(db: sqlite3.Connection) -> int:
    found: int = db.execute("PRAGMA user_version").fetchone()[0]
    return found


def _make(db: sqlite3.Connection) -> None:
    rows = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    for kind, name in rows.fetchall():
        if kind in ("table", "view"):
            db.execute(f'DROP {kind} IF EXISTS "{name}"')
    for script in (_OWN, *(domain.TABLES for domain in DOMAINS)):
        run_script(db, script)
    db.execute(f"PRAGMA user_version={VERSION}")


def _catch_up(db: sqlite3.Connection, home: Home) -> None:
    with Waiting.open(home) as waiting:
        pending = [word for word in waiting.words() if isinstance(word, Act)]
    known = Position(*db.execute("SELECT epoch, size FROM read_to").fetchone())
    place, acts = _said_since(home, known)
    if place == known and all(journal.is_known(db, act.number) for act in pending):
        return
    with writing(db):
        for act in (*acts, *pending):
            _take(db, act)
        db.execute("UPDATE read_to SET epoch = ?, size = ?", place)


def _said_since(home: Home, known: Position) -> tuple[Position, list[Act]]:
    """The acts that stand in `fed` behind a place, as the index has read it."""
    if not home.index.exists():
        return known, []
    uri = f"{home.index.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=60)) as index:
        if not _version(index):  # another process makes it just now
            return known, []
        row = index.execute("SELECT epoch, size FROM fed ORDER BY epoch DESC LIMIT 1").fetchone()
        place = Position(*row) if row else known
        if place <= known:
            return known, []
        rows = index.execute(
            "SELECT body FROM said WHERE kind = 'act' AND (epoch, idx) >= (?, ?)"
            " ORDER BY epoch, idx",
            known,
        )
        words = [recall_word(body.encode()) for (body,) in rows]
    return place, [word for word in words if isinstance(word, Act)]


def _take(db: sqlite3.Connection, act: Act) -> None:
    if journal.is_known(db, act.number):
        return
    journal.add(db, act)
    for domain in DOMAINS:
        folds: Mapping[str, Fold] = domain.FOLDS
        if fold := folds.get(act.name):
            fold(db, act)
