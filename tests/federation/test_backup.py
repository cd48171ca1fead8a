"""A home copied while it serves, lost, and made anew from the copy: one history goes on."""

import json
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from multidict import MultiDict

from fenhe_client.console.forms import Form
from fenhe_node.backing_up.making import back_up
from fenhe_node.backing_up.manifest import find_backup, read_manifest
from fenhe_node.backing_up.memory import last_backup
from fenhe_node.backing_up.putting_back import put_back
from fenhe_node.backing_up.sealed_keys import open_keys, put_keys
from fenhe_node.backing_up.verifying import verify
from fenhe_node.console.wizard_steps import DOINGS, Desk
from fenhe_node.home import Home, alone
from fenhe_node.node import open_node
from fenhe_node.operations.options import now
from fenhe_node.setup.looking import look
from fenhe_node.store import Store, records
from fenhe_protocol.errors import SetupError, StoreError
from tests.federation.restoring_house import Pair, names, paired
from tests.node.homes import instrument, put

PASSPHRASE = "晋阳湖畔十二个字以上的口令"


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as made:
        yield made


async def test_a_lost_home_comes_back_from_a_backup_and_publishes_on_in_one_history(
    pair: Pair, tmp_path: Path
) -> None:
    pair.publish(instrument("A-1", function="甲"))
    await pair.sync()
    put(pair.node, [instrument("C-1")])  # imported and not published yet: no mirror has it
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE, "utf-8")
    sealed = ("--with-keys", "--passphrase-file", str(secret))
    assert await pair.run("backup", str(tmp_path / "backups"), *sealed) == 0
    (backup,) = (each for each in (tmp_path / "backups").iterdir() if each.is_dir())
    assert not any((backup / name).exists() for name in ("head.sqlite", "keys"))
    pair.publish(instrument("A-2"))  # after the backup, and the hub has it
    await pair.sync()
    shutil.rmtree(pair.home)
    given = ("--passphrase-file", str(secret))  # the file of keys lies beside it
    assert await pair.restore("--from-backup", str(tmp_path / "backups"), *given) == 0
    assert names(pair.node).keys() >= {"A-1", "A-2"}
    with Store.open(pair.node.home.store) as store:
        assert records.find(store, "instrument", "C-1") is not None
    size = pair.publish(instrument("A-3"))
    await pair.sync()
    assert pair.size() == size and names(pair.node).keys() == {"A-1", "A-2", "A-3", "C-1"}


async def test_a_lost_home_comes_back_in_the_browser(pair: Pair, tmp_path: Path) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    back_up(pair.node, tmp_path / "backups", keep=1, now=now, passphrase=PASSPHRASE)
    pair.publish(instrument("A-2"))
    await pair.sync()
    shutil.rmtree(pair.home)
    file = next((tmp_path / "backups").glob("*.keys"))
    form = MultiDict(backup=str(tmp_path / "backups"))
    desk = Desk(pair.home, now)
    with pytest.raises(SetupError, match=r"restore\.keys"):
        await DOINGS["restore"](desk, Form(form))
    assert not pair.home.exists()
    form.extend(keys=str(file), passphrase=PASSPHRASE)
    put_back(find_backup(tmp_path / "backups"), pair.home)  # an attempt that ended there
    put_keys(Home(pair.home), open_keys(file, pair.node.root.origin, PASSPHRASE))
    assert look(pair.home, now()).unsure
    await DOINGS["restore"](desk, Form(form))
    assert not look(pair.home, now()).unsure
    assert any("现在 now" in text for text, _ in desk.said)
    pair.node = open_node(pair.home)
    assert names(pair.node).keys() == {"A-1", "A-2"}


async def test_a_home_made_from_a_backup_signs_nothing_before_the_mirror_was_asked(
    pair: Pair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    back_up(pair.node, tmp_path / "backups", keep=1, now=now)
    pair.publish(instrument("A-2"))
    await pair.sync()
    keys = shutil.copytree(pair.home / "keys", tmp_path / "keys")
    shutil.rmtree(pair.home)
    before = capsys.readouterr()
    import fenhe_node.cli

    command = ["--home", str(pair.home), "restore", "--from-backup", str(tmp_path / "backups")]
    assert fenhe_node.cli.main(command) == 4, before  # the keys are not in it
    assert str(pair.home / "keys") in capsys.readouterr().out
    shutil.copytree(keys, pair.home / "keys", dirs_exist_ok=True)
    pair.node = open_node(pair.home)
    with pytest.raises(StoreError, match=r"head\.lost"):
        pair.publish(instrument("B-1"))
    assert await pair.restore() == 0
    pair.publish(instrument("B-1"))
    await pair.sync()
    assert names(pair.node).keys() == {"A-1", "A-2", "B-1"}


async def test_a_backup_made_while_the_node_publishes_is_of_one_moment(
    pair: Pair, tmp_path: Path
) -> None:
    pair.publish(*(instrument(f"A-{n}", value_yuan=n) for n in range(300)))
    begun, published = threading.Event(), threading.Event()

    def publish_meanwhile() -> None:
        with alone(pair.node.home):
            begun.set()
        pair.publish(*(instrument(f"B-{n}", value_yuan=n) for n in range(300)))
        published.set()

    thread = threading.Thread(target=publish_meanwhile)
    with alone(pair.node.home):
        thread.start()
    begun.wait()
    made = [back_up(pair.node, tmp_path / f"{n}", keep=1, now=now) for n in range(2)]
    thread.join()
    assert published.is_set()
    for each in made:
        assert each.manifest.damaged == ()
        assert verify(each.folder, read_manifest(each.folder)) == []
    assert last_backup(pair.node.home).folder == str(made[-1].folder)
    assert json.loads((made[0].folder / "backup.json").read_text())["version"] == 1
