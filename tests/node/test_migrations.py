"""A store of every released version opens in today's program with all that it held."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.stored.tables_once import run_script
from fenhe_node.store import Store, records
from fenhe_node.store.tables import MIGRATIONS
from fenhe_node.store.version import tables_of
from fenhe_protocol.errors import StoreError
from tests.node.homes import UNIT

VERSIONS = range(1, len(MIGRATIONS) + 1)
RELEASED = (  # SHA-256 of each migration of a released version: add, never change
    "23fc1611e1304c63",
    "1446e5efd1a33299",
    "cbd6f325cda08102",
    "66707ee471320471",
    "10e8af4a4e606b76",
    "96f7f4114870a703",
    "f80719fac76dcd29",
    "2c11cc9a6e9d40a6",
    "4f8e77ba7cfdfc60",
)
ROWS = """
INSERT INTO import_run VALUES(1, 5, '王工', '台账.xlsx', 'ab', 'Sheet1', 'instrument', '台账.xlsx',
  '', 1, 1, 0, 0);
INSERT INTO staged_row(import_no, row, fate, id, why_zh, why_en, cells)
  VALUES(1, 2, 'staged', 'A-1', '', '', '[]');
INSERT INTO record(kind, id, record, before, sent, source, import_no, row, at)
  VALUES('instrument', 'A-1', '{"unit":"12140000000000019W","kind":"instrument","id":"A-1"}', '',
  'ab', '台账.xlsx', 1, 2, 5);
INSERT INTO event VALUES(1, 5, '王工', 'instrument', 'A-1', 'new', 1, '');
INSERT INTO published(kind, id, sent, tiers, log, idx)
  VALUES('instrument', 'A-1', 'ab', 'pub', 'catalogue', 0);
INSERT INTO hub VALUES('hub.example/fenhe', 'https://hub.example/fenhe', 'ab', x'00', 5);
"""


def store_of(path: Path, version: int) -> None:
    """The store that a program made which knew so many migrations, with a row in each old table."""
    with closing(sqlite3.connect(path)) as db:
        for number, text in enumerate(MIGRATIONS[:version], 1):
            run_script(db, f"{text} PRAGMA user_version = {number};")
        run_script(db, ROWS)
        db.commit()


def schema(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return set(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_every_version_is_brought_up_to_date_with_what_it_held(
    tmp_path: Path, version: int
) -> None:
    old, fresh = tmp_path / "old.sqlite", tmp_path / "fresh.sqlite"
    store_of(old, version)
    assert tables_of(old) == version
    Store.open(fresh).close()
    with Store.open(old) as store:
        found = records.find(store, "instrument", "A-1")
        assert found is not None and found.record["unit"] == UNIT
        assert [event.what for event in records.events(store, "instrument", "A-1")] == ["new"]
        assert store.table("SELECT id, idx FROM published") == [("A-1", 0)]
        assert store.table("SELECT row, id FROM staged_row") == [(2, "A-1")]
    assert schema(old) == schema(fresh) and tables_of(old) == len(MIGRATIONS)


def test_no_migration_of_a_released_version_has_changed_since() -> None:
    found = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in MIGRATIONS]
    assert tuple(found[: len(RELEASED)]) == RELEASED


def test_a_store_of_a_newer_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store_of(path, len(MIGRATIONS))
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()
    with pytest.raises(StoreError) as refused:
        Store.open(path)
    assert refused.value.code == "store.newer"
    assert path.read_bytes() == before


def test_a_migration_that_is_killed_is_done_again_whole(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store_of(path, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        run_script(db, MIGRATIONS[1])  # and the process is gone before it ends
    Store.open(path).close()
    assert tables_of(path) == len(MIGRATIONS)
