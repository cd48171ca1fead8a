"""A write transaction of the index, and what a full disk makes of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.index.apply import transaction
from fenhe_protocol.errors import StoreError


@pytest.fixture
def full(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "index.sqlite", isolation_level=None)) as db:
        db.execute("CREATE TABLE t(x)")
        db.execute("INSERT INTO t VALUES ('before')")
        db.execute("PRAGMA max_page_count = 3")
        yield db


def test_a_full_disk_is_our_own_fault_and_changes_nothing(full: sqlite3.Connection) -> None:
    with pytest.raises(StoreError) as caught, transaction(full):
        full.execute("DELETE FROM t")
        full.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert caught.value.code == "store.failed"
    with transaction(full):
        assert full.execute("SELECT x FROM t").fetchall() == [("before",)]


def test_any_other_failure_passes_as_it_is(full: sqlite3.Connection) -> None:
    with pytest.raises(KeyError), transaction(full):
        full.execute("DELETE FROM t")
        raise KeyError
    assert full.execute("SELECT count(*) FROM t").fetchone() == (1,)
