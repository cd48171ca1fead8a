"""What is searched of the catalogue. Start at `index_resources`, which writes it.

The tables are part of the index: derived, rebuilt with it, and no part of `dump`. `search` finds in
them, `facets` counts, `rows` says where a unit's records stand.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import orjson

from fenhe_hub.index import frequent, row_sets, rows
from fenhe_hub.index.facets import FACETS
from fenhe_hub.index.frequent import WORD, choose_words, drop_unused, frequent_words
from fenhe_hub.index.grams import LINE, pairs, searched_texts, sort_key
from fenhe_hub.index.row_sets import Mark, put_sets

TABLES = (
    # A word of odd length ends in a prefix of one unit; without an index of these its page costs
    # ten times as much. `search` keeps no text; `search_text` has what it was given, to take back.
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5("
    "name, rest, content='', columnsize=0, tokenize='ascii', prefix='4')",
    "CREATE TABLE IF NOT EXISTS search_text(row_no INTEGER PRIMARY KEY, name TEXT, rest TEXT)",
    "CREATE TABLE IF NOT EXISTS searched(row_no INTEGER PRIMARY KEY, unit_no INTEGER, kind TEXT,"
    " id TEXT, city TEXT, class_code TEXT, value_band TEXT, status TEXT, name_key BLOB,"
    " UNIQUE(unit_no, kind, id))",
    "CREATE INDEX IF NOT EXISTS searched_classes ON searched(class_code, kind)",
    # FTS5's own default of 1 MB makes a rebuild half as fast.
    "INSERT INTO search(search, rank) VALUES('hashsize', 8388608)",
)


@dataclass(frozen=True, slots=True)
class Searchable:
    """One catalogue identity as `resource` has it; without `pub` it is taken out of the search."""

    unit_no: int
    kind: str
    id: str
    pub: str | bytes | None
    city: str | None = None
    class_code: str | None = None
    value_band: str | None = None
    status: str | None = None


_ROW = "REPLACE INTO searched VALUES(?,?,?,?,?,?,?,?,?)"
_TEXT = "REPLACE INTO search_text VALUES(?,?,?)"
_TOKENS = "INSERT INTO search(rowid, name, rest) VALUES(?,?,?)"
_AT_ONCE = 4096  # rows

Identity = tuple[int, str, str]
"""unit_no, kind, id"""


class Standing(NamedTuple):
    """What is there of a record: its names, what else is searched of it, and what is counted."""

    name: str
    rest: str
    counted: Sequence[str | None]


class Change(NamedTuple):
    """What there was of a row, and what there is now."""

    row_no: int
    before: Standing | None
    after: Standing | None


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of the full text where they are not."""
    for statement in (*TABLES, *rows.TABLES, *row_sets.TABLES, *frequent.TABLES):
        connection.execute(statement)


def index_resources(db: sqlite3.Connection, states: Iterable[Searchable]) -> None:
    """Bring the full text up to these states within the caller's transaction."""
    wanted = {(state.unit_no, state.kind, state.id): state for state in states}
    ordered = sorted(wanted, key=itemgetter(0))
    for start in range(0, len(ordered), _AT_ONCE):
        _put_all(db, [wanted[identity] for identity in ordered[start : start + _AT_ONCE]])
        choose_words(db)


def _put_all(db: sqlite3.Connection, states: Iterable[Searchable]) -> None:
    known: dict[int, Searchable] = {}
    new: defaultdict[int, list[Searchable]] = defaultdict(list)
    for state in states:
        found = db.execute(
            "SELECT row_no FROM searched WHERE unit_no=? AND kind=? AND id=?",
            (state.unit_no, state.kind, state.id),
        ).fetchone()
        if found is not None:
            known[found[0]] = state
        elif state.pub is not None:
            new[state.unit_no].append(state)
    # FTS5 writes down all it has gathered where a number is less than the one before.
    changes = [_change(db, row_no, known[row_no]) for row_no in sorted(known)]
    for unit_no in sorted(new):
        of_unit = new[unit_no]
        changes += _add(db, list(zip(rows.allot(db, unit_no, len(of_unit)), of_unit, strict=True)))
    changes.sort(key=itemgetter(0))
    ready = frequent_words(db)
    put_sets(db, _flips(changes, ready))
    if known:
        drop_unused(db, ready)


def _add(db: sqlite3.Connection, new: Sequence[tuple[int, Searchable]]) -> list[Change]:
    standings = [(row_no, _standing(state)) for row_no, state in new]
    db.executemany(
        _ROW, (_row(no, state, s) for (no, state), (_, s) in zip(new, standings, strict=True))
    )
    db.executemany(_TEXT, ((row_no, *standing[:2]) for row_no, standing in standings))
    db.executemany(_TOKENS, ((row_no, *map(pairs, standing[:2])) for row_no, standing in standings))
    return [Change(row_no, None, standing) for row_no, standing in standings]


def _change(db: sqlite3.Connection, row_no: int, state: Searchable) -> Change:
    before = _known(db, row_no)
    after = None if state.pub is None else _standing(state)
    if after is None:
        for table in ("searched", "search_text"):
            db.execute(f"DELETE FROM {table} WHERE row_no=?", (row_no,))
    else:
        db.execute(_ROW, _row(row_no, state, after))
        db.execute(_TEXT, (row_no, *after[:2]))
    if after is None or before[:2] != after[:2]:
        # A table without content forgets a row only when told exactly what it was given.
        db.execute(
            "INSERT INTO search(search, rowid, name, rest) VALUES('delete',?,?,?)",
            (row_no, *map(pairs, before[:2])),
        )
        if after is not None:
            db.execute(_TOKENS, (row_no, *map(pairs, after[:2])))
    return Change(row_no, before, after)


def _standing(state: Searchable) -> Standing:
    texts = searched_texts(orjson.loads(state.pub or b"{}"))
    counted = (state.kind, state.city, state.class_code, state.value_band, state.status)
    return Standing(*texts, counted)


def _row(row_no: int, state: Searchable, standing: Standing) -> tuple[object, ...]:
    key = sort_key(standing.name)
    return (row_no, state.unit_no, state.kind, state.id, *standing.counted[1:], key)


def _known(db: sqlite3.Connection, row_no: int) -> Standing:
    name, rest, *counted = db.execute(
        f"SELECT name, rest, {','.join(FACETS)} FROM searched JOIN search_text USING(row_no)"
        " WHERE row_no=?",
        (row_no,),
    ).fetchone()
    return Standing(name, rest, counted)


def _flips(changes: Sequence[Change], words: Iterable[str]) -> Mapping[Mark, Sequence[int]]:
    """For each mark the rows that bear it and did not, or the other way round."""
    flips: defaultdict[Mark, list[int]] = defaultdict(list)
    for row_no, before, after in changes:
        marks = _marks(after) if before is None else set(_marks(before)) ^ set(_marks(after))
        for mark in marks:
            flips[mark].append(row_no)
    new = [(row_no, _text(after)) for row_no, before, after in changes if before is None]
    known = [(row_no, _text(was), _text(after)) for row_no, was, after in changes if was]
    for word in words:  # word by word: this is done for every record that comes
        turned = [row_no for row_no, old, now in known if (word in old) is not (word in now)]
        come = [row_no for row_no, text in new if word in text]
        flips[WORD, word] = sorted(turned + come) if turned else come
    return flips


def _marks(standing: Standing | None) -> list[Mark]:
    counted = zip(FACETS, standing.counted, strict=True) if standing else ()
    return [(facet, value) for facet, value in counted if value is not None]


def _text(standing: Standing | None) -> str:
    return LINE.join(standing[:2]) if standing else ""
