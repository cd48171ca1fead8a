import sqlite3
import threading
from pathlib import Path

import pytest

from fenhe_client.stored.head_store import Head, HeadStore
from fenhe_protocol.errors import StoreError

ROOT_A, ROOT_B = b"a" * 32, b"b" * 32


@pytest.fixture
def heads(tmp_path: Path) -> HeadStore:
    return HeadStore(tmp_path / "head.sqlite")


def code_of(heads: HeadStore, old: Head | None, size: int, root: bytes) -> str:
    with pytest.raises(StoreError) as caught:
        heads.advance("log", old, size=size, root=root, now=0)
    return caught.value.code


def test_a_head_is_found_again_under_its_name(heads: HeadStore, tmp_path: Path) -> None:
    assert heads.get("log") is None
    head = heads.advance("log", None, size=5, root=ROOT_A, now=99)
    assert heads.get("log") == HeadStore(tmp_path / "head.sqlite").get("log") == head
    assert head == Head(5, ROOT_A, signed_at=99, reaching=5)
    assert heads.get("other") is None


def test_only_the_one_who_knows_the_last_head_moves_it(heads: HeadStore) -> None:
    first = heads.advance("log", None, size=5, root=ROOT_A, now=0)
    assert code_of(heads, None, 6, ROOT_B) == "head.moved"
    assert code_of(heads, Head(5, ROOT_B), 6, ROOT_B) == "head.moved"
    second = heads.advance("log", first, size=6, root=ROOT_B, now=0)
    assert code_of(heads, first, 7, ROOT_A) == "head.moved"
    assert heads.get("log") == second


def test_a_head_neither_shrinks_nor_changes_its_root(heads: HeadStore) -> None:
    head = heads.advance("log", None, size=5, root=ROOT_A, now=0)
    assert code_of(heads, head, 4, ROOT_A) == "head.backwards"
    assert code_of(heads, head, 5, ROOT_B) == "head.backwards"
    assert heads.advance("log", head, size=5, root=ROOT_A, now=7).signed_at == 7


def test_what_a_publish_reaches_for_is_remembered_until_it_is_signed(heads: HeadStore) -> None:
    head = heads.advance("log", None, size=5, root=ROOT_A, now=1)
    heads.reach("log", 12)
    assert heads.get("log") == Head(5, ROOT_A, signed_at=1, reaching=12)
    assert heads.advance("log", head, size=12, root=ROOT_B, now=2).reaching == 12


def test_nothing_is_reached_for_before_the_first_head(heads: HeadStore) -> None:
    with pytest.raises(StoreError):
        heads.reach("log", 9)
    assert heads.get("log") is None


def test_of_many_who_sign_at_once_one_wins(heads: HeadStore) -> None:
    first = heads.advance("log", None, size=1, root=ROOT_A, now=0)
    won: list[int] = []

    def sign(number: int) -> None:
        try:
            heads.advance("log", first, size=2, root=bytes([number]) * 32, now=0)
        except StoreError:
            return
        won.append(number)

    threads = [threading.Thread(target=sign, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert heads.get("log") == Head(2, bytes([won[0]]) * 32, reaching=2)


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "head.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError) as caught:
        HeadStore(tmp_path / "head.sqlite").get("log")
    assert caught.value.code == "head.store"


def test_a_head_is_flushed_with_its_folder(heads: HeadStore, tmp_path: Path) -> None:
    heads.advance("log", None, size=1, root=ROOT_A, now=0)
    database = sqlite3.connect(tmp_path / "head.sqlite")
    # No journal stays behind that a power cut could bring back, and none beside the file.
    assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["head.sqlite"]
