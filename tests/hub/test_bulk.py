"""Rows by the run are the rows one by one."""

import sqlite3
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from fenhe_hub.index.bulk import BodyRow, _rows, insert_bodies, joined, runs_of

TABLE = """CREATE TABLE body(log_no INTEGER, idx INTEGER, tier INTEGER, kind TEXT, id TEXT,
    deleted INTEGER, PRIMARY KEY(log_no, idx, tier)) WITHOUT ROWID"""
ids = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
kinds = st.sampled_from(["service_record", "instrument"])
rows = st.lists(
    st.tuples(st.just(7), st.integers(0, 300), st.integers(0, 1), kinds, ids, st.integers(0, 1)),
    max_size=400,
    unique_by=lambda row: row[1:3],
)


def stored(insert: object, made: list[BodyRow]) -> list[BodyRow]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(TABLE)
        insert(db, made)  # type: ignore[operator]
        return db.execute("SELECT * FROM body ORDER BY idx, tier").fetchall()


def one_by_one(db: sqlite3.Connection, made: list[BodyRow]) -> None:
    db.executemany("INSERT INTO body VALUES (?, ?, ?, ?, ?, ?)", made)


def alone(db: sqlite3.Connection, made: list[BodyRow]) -> None:
    insert_bodies(db, made, [])


def by_the_run(db: sqlite3.Connection, made: list[BodyRow]) -> None:
    """Every other run as such, cut in two; the rest as rows."""
    runs = list(runs_of(made))
    halves = [
        run._replace(first=run.first + at, ids=run.ids[at : at + 50])
        for run in runs[::2]
        for at in range(0, len(run.ids), 50)
    ]
    insert_bodies(db, [row for run in runs[1::2] for row in _rows(run)], halves)
    assert joined(halves) == joined(runs[::2])


@given(rows)
def test_any_rows(made: list[BodyRow]) -> None:
    assert stored(alone, made) == stored(by_the_run, made) == stored(one_by_one, made)
    assert [row for run in runs_of(made) for row in _rows(run)] == made


@given(st.lists(ids, min_size=100, max_size=300), st.integers(0, 10**9))
def test_a_run_of_one_kind(names: list[str], first: int) -> None:
    made = [(7, first + n, 1, "service_record", name, 0) for n, name in enumerate(names)]
    assert [len(run.ids) for run in runs_of(made)] == [len(made)]
    assert stored(alone, made) == stored(by_the_run, made) == stored(one_by_one, made) == made
