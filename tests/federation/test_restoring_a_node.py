"""A node lost its disk or came from an old copy: it goes on where the mirror ends, or stops."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

import fenhe_node.cli
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter
from fenhe_hub.index.tables import open_index
from fenhe_hub.visiting.workshop import sync_once, system_clock
from fenhe_node.node import open_node
from fenhe_node.operations.options import now as system_now
from fenhe_node.publishing.heads import verify_head
from fenhe_node.store import Store, records
from fenhe_node.web.app import make_app as make_node_app
from fenhe_node.web.server import make_serving
from fenhe_protocol.errors import StoreError
from tests.federation.restoring_house import Pair, names, paired, served
from tests.node.homes import instrument, put
from tests.node.test_erasing import raw_scan

SECRET = "恒温振荡培养箱甲乙丙"


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as made:
        yield made


async def test_nothing_is_signed_on_an_old_copy_until_the_mirror_was_asked(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    backup = pair.copy("old")
    pair.publish(instrument("A-2"))
    await pair.sync()
    pair.lose(backup)
    pair.node = open_node(pair.home)
    with pytest.raises(StoreError, match=r"head\.lost"):
        pair.publish(instrument("A-3"))
    assert await pair.restore() == 0
    assert names(pair.node).keys() == {"A-1", "A-2"}
    size = pair.publish(instrument("A-3"))
    await pair.sync()
    assert pair.size() == size and names(pair.node).keys() == {"A-1", "A-2", "A-3"}


async def test_a_home_of_nothing_but_keys_and_settings_comes_back_whole(pair: Pair) -> None:
    pair.publish(instrument("A-1", function="甲", value_yuan=1), instrument("A-2"))
    pair.publish(instrument("A-1", function="乙", value_yuan=2))
    await pair.sync()
    size, root = pair.size(), pair.node.root
    backup = pair.folder / "keys only"
    backup.mkdir()
    shutil.copytree(pair.home / "keys", backup / "keys")
    shutil.copy(pair.home / "config.yaml", backup)
    pair.lose(backup)
    hub = pair.hub
    assert await pair.restore("--hub", hub.config.public_url, "--fingerprint", hub.fingerprint) == 0
    assert pair.size() == size and pair.node.root.text == root.text
    with Store.open(pair.node.home.store) as store:
        found = records.find(store, "instrument", "A-1")
    assert found is not None
    assert (found.record["function"], found.record["value_yuan"]) == ("乙", 2)
    assert pair.publish(instrument("A-1", function="乙", value_yuan=2)) == size  # nothing changed


async def test_the_longer_history_of_the_node_goes_on(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    size = pair.publish(instrument("A-2"))
    backup = pair.copy("new")
    pair.lose(backup)
    assert await pair.restore() == 0
    assert pair.size() == size
    pair.publish(instrument("A-3"))
    await pair.sync()


async def test_two_histories_stop_it_and_nothing_is_signed(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    backup = pair.copy("old")
    pair.publish(instrument("A-2"))
    await pair.sync()
    pair.lose(backup)
    heads = HeadStore(pair.home / "head.sqlite")  # as if somebody had backed it up after all
    checkpoint = verify_head(pair.node.home, pair.node.root, "catalogue")
    heads.advance(checkpoint.origin, None, size=checkpoint.size, root=checkpoint.root, now=1)
    usage = verify_head(pair.node.home, pair.node.root, "usage")
    heads.advance(usage.origin, None, size=usage.size, root=usage.root, now=1)
    pair.node = open_node(pair.home)
    pair.publish(instrument("B-1"))
    before = (pair.home / "public/catalogue/checkpoint").read_bytes()
    assert await pair.restore() == 3
    assert (pair.home / "public/catalogue/checkpoint").read_bytes() == before


async def test_what_the_record_store_saw_published_and_nobody_has_stops_it(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    backup = pair.copy("old")
    end = pair.size()
    pair.publish(instrument("A-2"))  # seen by nobody
    shutil.copy(pair.home / "store.sqlite", backup)
    pair.lose(backup)
    capsys.readouterr()
    assert await pair.restore() == 1
    said = capsys.readouterr().err
    assert "restore.lost" in said and "new-epoch catalogue" in said
    with pytest.raises(StoreError, match=r"head\.lost"):
        pair.publish(instrument("B-1"))
    assert pair.size() == end
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(end)) == 0
    assert await pair.restore() == 0  # of the other log nothing is lost
    pair.publish()
    for _ in range(2):
        await pair.sync(2 * 86_400)
    with closing(open_index(pair.hub.home.index)) as db:
        ids = {row[0] for row in db.execute("SELECT id FROM resource")}
    assert ids >= {"A-1", "A-2", "B-1"}


async def test_a_checkpoint_whose_files_are_gone_is_not_forgotten(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    pair.publish(instrument("A-2"))  # seen by nobody
    backup = pair.copy("damaged")
    (backup / "store.sqlite").unlink()
    shutil.rmtree(backup / "public/catalogue/tile/0")
    pair.lose(backup)
    assert await pair.restore() == 1
    assert (
        not (pair.home / "head.sqlite").exists()
        or HeadStore(pair.home / "head.sqlite").get(f"{pair.node.root.origin}/catalogue") is None
    )


async def test_a_publish_that_was_killed_is_finished_by_a_restore(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    size = pair.size()

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(FeedWriter, "_show", die)  # promised, and not shown
        pair.publish(instrument("A-2"))
    assert await pair.restore() == 0
    assert pair.size() == size + 1 and names(pair.node).keys() == {"A-1", "A-2"}
    assert pair.publish() == size + 1


async def test_damaged_files_are_read_again_from_the_mirror(pair: Pair) -> None:
    pair.publish(*(instrument(f"A-{n}", value_yuan=n) for n in range(300)))
    await pair.sync()
    size = pair.size()
    for path in ("public/catalogue/tile/0/000", "held/catalogue/body/hub/000"):
        (pair.home / path).unlink()
    (pair.home / "public/catalogue/body/pub/001").write_bytes(b"rubbish")
    assert await pair.restore() == 0
    assert pair.size() == size
    assert len(names(pair.node)) == 300 and len(names(pair.node, "hub")) == 300


async def test_what_was_erased_meanwhile_is_gone_from_the_copy_before_anything_is_served(
    pair: Pair,
) -> None:
    pair.publish(instrument("A-1", function=SECRET), instrument("A-2"))
    await pair.sync()
    backup = pair.copy("old")
    command = ["--home", str(pair.home), "erase", "A-1", "--reason", "law"]
    await asyncio.to_thread(fenhe_node.cli.main, command)
    await pair.sync()
    assert raw_scan(backup, SECRET.encode())
    pair.lose(backup)
    assert await pair.restore() == 0
    assert raw_scan(pair.home, SECRET.encode()) == []
    assert names(pair.node).keys() >= {"A-2"}


async def test_a_head_that_the_hub_has_verified_and_not_cosigned_counts_too(pair: Pair) -> None:
    pair.publish(instrument("A-1", value_yuan=1))
    await pair.sync()
    backup = pair.copy("old")
    size = pair.publish(instrument("A-2", value_yuan=2))
    body = pair.home / "held/catalogue/body/hub/000"
    raw = body.read_bytes()
    body.write_bytes(raw.splitlines(keepends=True)[0])
    app = make_node_app(make_serving(pair.node, dict, system_now))
    async with served(app, pair.node.config.address):
        await sync_once(pair.hub, clock=system_clock)
    pair.lose(backup)
    assert await pair.restore() == 4  # one body is nowhere
    assert pair.size() == size


async def test_a_machine_set_back_with_its_head_store_signs_nothing(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    snapshot = pair.folder / "snapshot"
    shutil.copytree(pair.home, snapshot)
    pair.publish(instrument("A-2"))
    await pair.sync()
    pair.lose(snapshot)
    put(pair.node, [instrument("B-1")])
    command = ["--home", str(pair.home), "publish"]
    assert await asyncio.to_thread(fenhe_node.cli.main, command) == 1
    assert await pair.restore() == 0
    assert names(pair.node).keys() == {"A-1", "A-2"}
    pair.publish(instrument("B-1"))
    await pair.sync()


async def test_a_machine_set_back_before_its_newest_root_document_signs_nothing(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    snapshot = pair.folder / "snapshot"
    shutil.copytree(pair.home, snapshot)
    assert await pair.run("rotate-key", "log", "--stolen") == 0
    await pair.sync(2 * 86_400)
    keys = shutil.copytree(pair.home / "keys", pair.folder / "keys")
    pair.lose(snapshot)  # the logs are as long as in the mirror, and signed by a key of before
    pair.node = open_node(pair.home)
    put(pair.node, [instrument("B-1")])
    before = pair.size()
    assert await pair.run("publish", "--no-wait") == 1
    assert "hub.ahead" in capsys.readouterr().err and pair.size() == before
    shutil.copytree(keys, pair.home / "keys", dirs_exist_ok=True)
    assert await pair.restore() == 0
    assert pair.node.root.n == 2
    pair.publish(instrument("B-1"))
    await pair.sync(2 * 86_400)
