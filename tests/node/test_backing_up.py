"""What a backup holds, what it says when it is damaged, and where it may go."""

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import fenhe_node.cli
from fenhe_client.settings_file import set_line
from fenhe_node.backing_up.access import not_writable
from fenhe_node.backing_up.making import back_up
from fenhe_node.backing_up.manifest import find_backup, read_manifest
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.backing_up.putting_back import put_back
from fenhe_node.backing_up.sealed_keys import keys_beside, open_keys, put_keys, seal_keys
from fenhe_node.backing_up.verifying import verify
from fenhe_node.home import Home
from fenhe_node.importing.own_copy import own_copy
from fenhe_node.node import Node, open_node
from fenhe_node.store.tables import MIGRATIONS
from fenhe_protocol.errors import InputError, SetupError, StoreError
from fenhe_protocol.origin import origin_hash
from tests.node.homes import ORIGIN, UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import every_file

PASSPHRASE = "correct horse battery"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    made = new_node(tmp_path / "home")
    put(made, [instrument("A-1", value_yuan=1)])
    publish_all(made, Clock())
    return made


def test_all_of_a_home_is_in_it_but_what_signs_and_what_is_of_a_moment(
    node: Node, tmp_path: Path
) -> None:
    with own_copy(node.home.path, "a", b"persons"):  # something is being read
        done = back_up(node, tmp_path / "to", keep=3, now=Clock().now)
    left = set(every_file(node.home.path)) - set(every_file(done.folder))
    assert {path for path in left if not path.startswith("keys/")} <= {
        "head.sqlite", "writing.lock", "runs.json"
    }  # fmt: skip
    assert any(path.startswith("keys/") for path in left)
    files = [path for path in done.folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in (done.folder, *files)} == {0}
    assert verify(done.folder, read_manifest(done.folder)) == []
    assert last_backup(node.home).at == Clock().now()


@pytest.mark.parametrize(
    "path",
    ["store.sqlite", "config.yaml", "held/catalogue/body/hub/000", "public/catalogue/checkpoint"],
)
def test_a_damaged_or_lost_file_is_named_and_nothing_is_made_of_it(
    node: Node, tmp_path: Path, path: str
) -> None:
    folder = back_up(node, tmp_path / "to", keep=3, now=Clock().now).folder
    raw = bytearray((folder / path).read_bytes())
    raw[-2] ^= 1
    (folder / path).write_bytes(raw)
    assert path in verify(folder, read_manifest(folder))
    command = ["--home", str(node.home.path), "backup", "--verify", str(folder)]
    assert fenhe_node.cli.main(command) == 3
    (folder / path).unlink()
    with pytest.raises(InputError, match=r"backup\.damaged"):
        put_back(folder, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_is_damaged_in_the_home_is_told_and_no_older_backup_goes(
    node: Node, tmp_path: Path
) -> None:
    clock = Clock()
    first = back_up(node, tmp_path / "to", keep=1, now=clock.now)
    (node.home.held / "catalogue/body/hub/000").write_bytes(b"rubbish")
    clock.wait(60)
    second = back_up(node, tmp_path / "to", keep=1, now=clock.now)
    assert second.manifest.damaged == ("catalogue",)
    assert first.folder.exists() and last_backup(node.home).failed == "catalogue"
    assert last_backup(node.home).folder == str(first.folder)


def test_the_oldest_go_and_those_of_other_units_stay(node: Node, tmp_path: Path) -> None:
    clock, to = Clock(), tmp_path / "to"
    (to / "another").mkdir(parents=True)
    made = []
    for _ in range(4):
        made.append(back_up(node, to, keep=2, now=clock.now).folder)
        clock.wait(60)
    assert {each.name for each in to.iterdir()} == {"another", *(each.name for each in made[2:])}


def test_a_backup_is_not_put_inside_its_own_home_nor_over_another(
    node: Node, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=r"backup\.inside"):
        back_up(node, node.home.path / "backups", keep=1, now=Clock().now)
    back_up(node, tmp_path / "to", keep=1, now=Clock().now)
    with pytest.raises(SetupError, match=r"backup\.soon"):
        back_up(node, tmp_path / "to", keep=1, now=Clock().now)


def test_what_a_killed_backup_left_is_taken_away_and_is_no_backup(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "to" / f".{UNIT}-{origin_hash(ORIGIN)[:8]}-20261123-070000.making"
    left.mkdir(parents=True)
    (left / "store.sqlite").write_bytes(b"half")
    done = back_up(node, tmp_path / "to", keep=1, now=Clock().now)
    assert [each.name for each in (tmp_path / "to").iterdir()] == [done.folder.name]


def test_a_backup_that_names_what_none_may_hold_is_damaged(node: Node, tmp_path: Path) -> None:
    folder = back_up(node, tmp_path / "to", keep=1, now=Clock().now).folder
    whole = json.loads((folder / "backup.json").read_text("utf-8"))
    for below in ("a", "keys"):
        (folder / below).mkdir()
    for path in ("../stranger", "a/../../stranger", "head.sqlite", "keys/log.seed", "a\0b"):
        if "\0" not in path:
            (folder / path).write_bytes(b"stranger's")
        files = whole["files"] | {path: [10, hashlib.sha256(b"stranger's").hexdigest()]}
        (folder / "backup.json").write_text(json.dumps(whole | {"files": files}), "utf-8")
        with pytest.raises(InputError, match=r"backup\.damaged"):
            put_back(folder, tmp_path / "new" / "home")
        if "\0" not in path:
            (folder / path).unlink()
    assert not (tmp_path / "new").exists()


def test_a_backup_without_a_file_of_its_own_is_damaged(node: Node, tmp_path: Path) -> None:
    folder = back_up(node, tmp_path / "to", keep=1, now=Clock().now).folder
    (folder / "config.yaml").rename(tmp_path / "elsewhere")
    (folder / "config.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"backup\.damaged"):
        put_back(folder, tmp_path / "new")
    (folder / "config.yaml").unlink()
    manifest = json.loads((folder / "backup.json").read_text("utf-8"))
    del manifest["files"]["config.yaml"]
    (folder / "backup.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InputError, match=r"backup\.damaged"):
        put_back(folder, tmp_path / "new")


def test_a_medium_that_knows_no_modes_takes_a_backup(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.fchmod", refuse)
    monkeypatch.setattr("os.chmod", refuse)
    done = back_up(node, tmp_path / "to", keep=1, now=Clock().now)
    assert done.manifest.damaged == ()


def test_a_killed_attempt_to_put_it_back_may_be_made_again(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = back_up(node, tmp_path / "to", keep=1, now=Clock().now).folder
    new = tmp_path / "new"

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("fenhe_node.backing_up.putting_back.os.sync", die)
        put_back(folder, new)
    put_back(folder, new, lambda _: {"log.seed": "00" * 32})
    assert every_file(folder)[1:] == [
        path for path in every_file(new) if not path.startswith("keys/")
    ]
    with pytest.raises(SetupError, match=r"home\.exists"):
        put_back(folder, new)


def test_a_backup_of_a_newer_store_is_left_to_a_newer_program(node: Node, tmp_path: Path) -> None:
    with closing(sqlite3.connect(node.home.store)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    folder = back_up(node, tmp_path / "to", keep=1, now=Clock().now).folder
    text = (folder / "backup.json").read_text("utf-8")
    newer = text.replace(f'"tables": {len(MIGRATIONS)}', f'"tables": {len(MIGRATIONS) + 1}')
    (folder / "backup.json").write_text(newer, "utf-8")
    with pytest.raises(InputError, match=r"backup\.newer"):
        put_back(folder, tmp_path / "new")


def test_keys_open_with_their_passphrase_alone_and_for_their_unit_alone(
    node: Node, tmp_path: Path
) -> None:
    file = tmp_path / "unit.keys"
    seal_keys(node.home, ORIGIN, PASSPHRASE, file)
    assert file.stat().st_mode & 0o777 == 0o600
    seeds = {each.name: each.read_text() for each in node.home.keys.iterdir()}
    assert not any(seed.strip() in file.read_text() for seed in seeds.values())
    opened = open_keys(file, ORIGIN, PASSPHRASE)
    assert opened == seeds
    for origin, passphrase in ((ORIGIN, "another passphrase"), ("u2.example/fenhe", PASSPHRASE)):
        with pytest.raises(InputError, match=r"backup\.(passphrase|keys)"):
            open_keys(file, origin, passphrase)
    with pytest.raises(InputError, match=r"backup\.passphrase"):
        seal_keys(node.home, ORIGIN, "short", tmp_path / "other")
    home = Home(tmp_path / "new")
    home.path.mkdir()
    put_keys(home, opened)
    assert {
        each.name: each.stat().st_mode & 0o777 for each in home.keys.iterdir()
    } == dict.fromkeys(seeds, 0o600)


def test_the_schedule_copies_to_where_the_settings_say(node: Node, tmp_path: Path) -> None:
    file = node.home.config_file
    text = file.read_text("utf-8")
    file.write_text(text.replace('  to: ""', f'  to: "{tmp_path / "to"}"'), "utf-8")
    set_line(file, "listen", "")
    again = open_node(node.home.path)
    assert fenhe_node.cli.main(["--home", str(node.home.path), "backup"]) == 0
    assert again.config.backup.to == str(tmp_path / "to")
    assert len(list((tmp_path / "to").iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_a_failure_that_stays_known(
    node: Node, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"backup\.failed"):
        back_up(node, tmp_path / "file" / "to", keep=1, now=Clock().now)
    assert "backup.failed" in last_backup(node.home).failed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_an_account_that_may_not_read_or_write_a_disk_of_roots_is_told_what_root_types(
    node: Node, tmp_path: Path
) -> None:
    with TemporaryDirectory(dir="/tmp") as name:
        disk = Path(name)
        disk.chmod(0o755)
        done = back_up(node, disk, keep=1, now=Clock().now, passphrase=PASSPHRASE)
        assert done.keys and done.keys == keys_beside(done.folder)
        os.seteuid(54321)
        try:
            for asked in (disk, done.folder, disk / "none" / "below"):
                code = "absent" if asked.name == "below" else "unreadable"
                with pytest.raises(InputError, match=rf"backup\.{code}"):
                    find_backup(asked)
            with pytest.raises(InputError, match=r"backup\.unreadable.*chown -R"):
                open_keys(done.keys, ORIGIN, PASSPHRASE)
            with pytest.raises(InputError, match=r"backup\.unreadable"):
                read_manifest(done.folder)
        finally:
            os.seteuid(0)
    said = not_writable(disk, PermissionError(13, "denied"))
    assert "/var/backups/fenhe-node" in said.advice


def test_the_newest_keys_of_the_unit_lie_beside_its_backup(tmp_path: Path) -> None:
    for name in ("U-1-20260101-000000", "U-1-20260301-000000", "V-1-20260901-000000"):
        (tmp_path / f"{name}.keys").touch()
    assert keys_beside(tmp_path / "U-1-20260201-000000") == tmp_path / "U-1-20260301-000000.keys"
    assert keys_beside(tmp_path / "W-1-20260201-000000") is None
