import sqlite3
from collections.abc import Iterator
from contextlib import closing

import orjson
import pytest

from fenhe_hub.index.facets import facets
from fenhe_hub.index.filters import Filters
from fenhe_hub.index.frequent import frequent_words
from fenhe_hub.index.searchable import Searchable, create_tables, index_resources


@pytest.fixture
def db(monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    monkeypatch.setattr("fenhe_hub.index.frequent._SAMPLE", 64)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        create_tables(connection)
        yield connection


def put(db: sqlite3.Connection, names: dict[int, str | None]) -> None:
    rows = (
        Searchable(1, "instrument", f"A-{no}", orjson.dumps({"name_zh": name}) if name else None)
        for no, name in names.items()
    )
    index_resources(db, rows)


def count(db: sqlite3.Connection, query: str) -> int:
    return facets(db, query, Filters()).total


def test_a_word_in_very_many_records_is_chosen_and_a_rare_one_is_not(
    db: sqlite3.Connection,
) -> None:
    put(db, {no: "示例 XRD 仪" if no else "罕见" for no in range(20)})
    assert {"示例", "xrd", "仪"} <= set(frequent_words(db))
    assert not {"罕见", "例 x", "rd"} & set(frequent_words(db))


def test_its_hits_are_kept_up_when_records_come_change_and_go(db: sqlite3.Connection) -> None:
    put(db, {no: "示例仪" for no in range(20)})
    assert "示例" in frequent_words(db)
    put(db, {0: None, 1: "别的", 20: "示例", 21: "又一台"})
    assert (count(db, "示例"), count(db, "示例 仪"), count(db, "又 一台")) == (19, 18, 1)
    put(db, {1: "示例"})
    assert count(db, "示例") == 20


def test_when_the_catalogue_has_doubled_it_is_chosen_anew(db: sqlite3.Connection) -> None:
    put(db, {no: "示例仪" for no in range(20)})
    put(db, {no: "核磁" for no in range(20, 1200)})
    assert "核磁" in frequent_words(db) and "示例" not in frequent_words(db)
    assert (count(db, "示例"), count(db, "核磁"), count(db, "核磁 示例")) == (20, 1180, 0)
    assert db.execute("SELECT count(*) FROM marked WHERE value='示例'").fetchone() == (0,)


def test_a_word_goes_with_the_last_record_that_has_it(db: sqlite3.Connection) -> None:
    put(db, {no: "电话 13800138000" for no in range(20)})
    put(db, {no: "示例" for no in range(20, 40)})
    put(db, {no: None for no in range(19)})
    assert "13800138000" in frequent_words(db)
    put(db, {19: "示例"})
    assert "13800138000" not in frequent_words(db)
    put(db, {19: "13800138000"})
    assert (count(db, "13800138000"), count(db, "示例")) == (1, 20)
