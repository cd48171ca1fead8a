"""Folders, locks and keys of a hub."""

import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.home import Home, claim, locked, open_home
from fenhe_hub.hub import open_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.keys import make_keys
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.errors import SetupError, StoreError
from tests.hub.houses import new_hub


def test_a_new_home_is_laid_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(SetupError) as caught:
        claim(tmp_path)
    assert caught.value.code == "home.not-empty"
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_what_is_held_is_closed_to_other_accounts(tmp_path: Path) -> None:
    home = claim(tmp_path / "hub")
    for folder in (home.keys, home.held, home.path / "mirror", home.path / "evidence"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_database_is_closed_to_other_accounts_with_its_journal(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with closing(open_index(tmp_path / "index.sqlite")) as db:
            db.execute("UPDATE fed SET size = 1")
            OutboxStore(tmp_path / "outbox.sqlite").close()
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert {"index.sqlite", "index.sqlite-wal", "outbox.sqlite"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_an_unfinished_home_is_not_opened(tmp_path: Path) -> None:
    claim(tmp_path / "hub")
    with pytest.raises(SetupError) as caught:
        open_home(tmp_path / "hub")
    assert caught.value.code == "home.absent"


def test_two_do_not_hold_one_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with locked(lock), pytest.raises(StoreError) as caught, locked(lock, patience=0):
        pytest.fail("two held it")
    assert caught.value.code == "home.busy"
    with locked(tmp_path / "lock", patience=0):
        pass


def test_keys_are_four_different_ones(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert len({made.log.public, made.root.public, made.request.public, made.mirror.public}) == 4
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in tmp_path.iterdir())


def test_keys_are_never_written_over(tmp_path: Path) -> None:
    make_keys(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(FileExistsError):
        make_keys(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("damage", "code"), [("absent", "keys.absent"), ("open", "keys.mode"), ("form", "keys.form")]
)
def test_a_damaged_key_is_named_and_not_shown(tmp_path: Path, damage: str, code: str) -> None:
    hub = new_hub(tmp_path / "hub")
    file = hub.home.keys / "mirror.seed"
    secret = file.read_text().strip()
    match damage:
        case "absent":
            file.unlink()
        case "open":
            file.chmod(0o644)
        case _:
            file.write_text(secret[:-1])
    with pytest.raises(SetupError) as caught:
        open_hub(hub.home.path)
    assert caught.value.code == code
    assert "mirror.seed" in caught.value.where
    assert secret[:-1] not in str(caught.value)


def test_mirrors_lie_apart_by_hash(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.mirror("../../etc").parent == tmp_path / "mirror"
    assert home.evidence("a/b").parent == tmp_path / "evidence"
