"""The store: all or nothing, newer files refused, nothing left of what was erased."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from fenhe_node.store import Store, hubs, imports, records
from fenhe_node.store.hubs import Hub
from fenhe_protocol.errors import StoreError
from tests.node.lists import GOOD, HEADERS, take, write_csv


def dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_several_may_make_it_at_once(tmp_path: Path) -> None:
    for turn in range(5):
        ready = Barrier(6)

        def make(_: int, file: Path = tmp_path / f"{turn}.sqlite", ready: Barrier = ready) -> int:
            ready.wait()
            with Store.open(file) as store:
                return len(hubs.every(store))

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(make, range(6))) == [0] * 6


def test_two_processes_that_read_before_they_write_wait_for_each_other(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    with Store.open(file):
        pass

    def enrol(worker: int) -> None:
        with Store.open(file) as store:
            for turn in range(25):
                with store.transaction():
                    known = len(hubs.every(store))
                    name = f"hub{known}.example/fenhe"
                    hubs.put(store, Hub(name, "", "", b"", 100 * worker + turn))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enrol, range(4)))
    with Store.open(file) as store:
        assert len(hubs.every(store)) == 100


@pytest.mark.parametrize("table", ["import_run", "record", "event", "staged_row", "problem"])
def test_an_import_that_fails_anywhere_changes_nothing(tmp_path: Path, table: str) -> None:
    file = tmp_path / "store.sqlite"
    wrong = [*GOOD, ["20150004", "显微镜", "EX", "35万", "2016-01-01", "正常", ""]]
    first = write_csv(tmp_path / "a.csv", [HEADERS, *GOOD[:2]])
    second = write_csv(tmp_path / "b.csv", [HEADERS, *wrong])
    with Store.open(file) as store:
        take(store, first)
        # The disk fills up, as far as this table can tell.
        store.run(
            f"CREATE TRIGGER full BEFORE INSERT ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        before = dump(file)
        with pytest.raises(StoreError, match="disk is full"):
            take(store, second)
        assert dump(file) == before
        store.run("DROP TRIGGER full")
        assert take(store, second).staged == 3


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    Store.open(file).close()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match=r"store\.newer"):
        Store.open(file)


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    file.write_bytes(b"not a database, but long enough to be looked at closely" * 40)
    with pytest.raises(StoreError, match=r"store\.failed"):
        Store.open(file)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"store\.open"):
        Store.open(tmp_path / "none" / "store.sqlite")


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    with Store.open(file) as store:
        take(store, write_csv(tmp_path / "a.csv", [HEADERS, *GOOD]))
    with Store.open(file) as store:
        assert records.count(store) == 3
        assert records.ids(store, "instrument") == {"20150001", "20150002", "20150003"}
        assert [run.file for run in imports.latest(store)] == ["a.csv"]


def test_nothing_of_an_overwritten_phone_is_left_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "store.sqlite"
    path = tmp_path / "a.csv"
    headers = ["编号", "名称", "手机"]
    with Store.open(file) as store:
        take(store, write_csv(path, [headers, ["1", "显微镜", "13800000001"]]))
        assert b"13800000001" in file.read_bytes()
        take(store, write_csv(path, [headers, ["1", "显微镜", "13800000002"]]))
    assert b"13800000001" not in file.read_bytes()


def test_hubs_are_kept_by_origin(store: Store) -> None:
    hub = Hub("hub.example/fenhe", "https://hub.example/fenhe", "ab" * 32, b"root 1", 1)
    newer = Hub("hub.example/fenhe", "https://hub.example/f", "ab" * 32, b"root 2", 2)
    hubs.put(store, hub)
    hubs.put(store, newer)
    assert hubs.every(store) == (newer,)
    assert hubs.find(store, "hub.example/fenhe") == newer
    assert hubs.remove(store, "hub.example/fenhe")
    assert not hubs.remove(store, "hub.example/fenhe")
    assert hubs.find(store, "hub.example/fenhe") is None


def test_a_store_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path(":memory:")) as store:
        assert store.rows("SELECT count(*) AS n FROM record") == [{"n": 0}]
    assert list(tmp_path.iterdir()) == []
