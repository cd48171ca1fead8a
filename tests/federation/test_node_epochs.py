"""A log has ended and goes on in its next epoch: nothing is lost, nothing erased comes back."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.index.tables import open_index
from fenhe_node.hubs.looking import look
from fenhe_node.operations.options import now as system_now
from fenhe_node.published import read_catalogue
from fenhe_node.publishing.heads import verify_head
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import SetupError
from tests.federation.restoring_house import Pair, names, paired
from tests.node.homes import instrument
from tests.node.test_erasing import raw_scan

SECRET = "恒温振荡培养箱甲乙丙"


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as made:
        yield made


async def test_after_two_histories_a_new_epoch_goes_on_and_nothing_is_lost(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    shared = pair.size()
    snapshot = pair.folder / "snapshot"
    shutil.copytree(pair.home, snapshot)
    pair.publish(instrument("A-2"))
    await pair.sync()
    end = pair.size()
    pair.lose(snapshot)
    pair.publish(instrument("B-1"), instrument("B-2"))  # the other history, seen by nobody
    assert await pair.run("restore") == 3
    assert await pair.run("new-epoch", "catalogue") == 4
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(shared)) == 1
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(end)) == 0
    listed = pair.node.root.log("catalogue")
    assert listed is not None and listed.end is not None and listed.end.size == end
    assert pair.size() == end
    pair.publish()
    second = verify_head(pair.node.home, pair.node.root, "catalogue.2")
    assert second.size == 2  # what the mirror never had; A-2 came back with it
    assert set(read_catalogue(pair.node.home.public).records) >= {
        ("instrument", name) for name in ("A-1", "A-2", "B-1", "B-2")
    }
    for _ in range(2):  # the root document is looked for once a day; then the new log is known
        await pair.sync(2 * 86_400)
    with closing(open_index(pair.hub.home.index)) as db:
        rows = db.execute("SELECT name, size, ended, cosigned_size FROM log ORDER BY log_no")
        logs = {name: rest for name, *rest in rows}
        ids = {row[0] for row in db.execute("SELECT id FROM resource WHERE deleted_on IS NULL")}
    assert logs["catalogue"] == [end, end, end] and logs["catalogue.2"] == [2, None, 2]
    assert ids >= {"A-1", "A-2", "B-1", "B-2"}


async def test_nothing_is_signed_in_a_log_whose_end_waits_for_signatures(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    end = pair.size()
    away = (pair.home / "keys/root.seed").rename(pair.folder / "safe.seed")
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(end)) == 4
    with pytest.raises(SetupError, match=r"epoch\.waiting"):
        pair.publish(instrument("A-2"))
    assert pair.size() == end
    away.rename(pair.home / "keys/root.seed")
    assert await pair.run("root-document", "sign") == 0
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(end)) == 0
    pair.publish()
    assert verify_head(pair.node.home, pair.node.root, "catalogue.2").size == 1


async def test_a_new_epoch_resets_no_receipt(
    pair: Pair, capsys: pytest.CaptureFixture[str]
) -> None:
    pair.publish(instrument("A-1"))
    before = system_now()
    await pair.sync()
    days = {date_at(at) for at in (before, system_now())}
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(pair.size())) == 0
    pair.publish(instrument("A-1", function="改正"))
    for _ in range(2):
        await pair.sync(2 * 86_400)
    await look(pair.node, system_now, ("catalogue", "catalogue.2"))
    capsys.readouterr()
    assert await pair.run("receipt", "A-1", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    first = facts["first"]
    assert facts["origin"].endswith("catalogue.2") and first["date"] in days
    assert (first["log"], first["index"]) == ("catalogue", 0)


async def test_a_copy_from_before_the_end_of_its_log_shows_nothing_beyond_it(pair: Pair) -> None:
    pair.publish(instrument("A-1"))
    await pair.sync()
    end = pair.size()
    pair.publish(instrument("A-2"))  # seen by nobody
    backup = pair.copy("old")
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(end)) == 0
    for _ in range(2):
        await pair.sync(2 * 86_400)
    pair.lose(backup)
    assert await pair.restore() == 0
    assert pair.size() == end
    assert names(pair.node).keys() == {"A-1"}
    pair.publish(instrument("A-2"))
    await pair.sync(2 * 86_400)


async def test_what_a_later_epoch_erased_is_not_missed_in_the_earlier(pair: Pair) -> None:
    pair.publish(instrument("A-1", function=SECRET), instrument("A-2"))
    await pair.sync()
    backup = pair.copy("old")
    assert await pair.run("new-epoch", "catalogue", "--confirm", str(pair.size())) == 0
    for _ in range(2):
        await pair.sync(2 * 86_400)
    assert await pair.run("erase", "A-1", "--reason", "law") == 0
    await pair.sync(2 * 86_400)
    shutil.rmtree(backup / "public/catalogue")
    pair.lose(backup)
    assert await pair.restore() == 0
    assert raw_scan(pair.home, SECRET.encode()) == []


async def test_an_erasure_above_the_end_is_said_again(pair: Pair) -> None:
    pair.publish(instrument("A-1", function=SECRET), instrument("A-2", function="留下"))
    await pair.sync()
    end = pair.size()
    assert await pair.run("erase", "A-1", "--reason", "law") == 0  # seen by nobody
    for _ in range(2):  # killed after it, the command is given again
        await pair.run("new-epoch", "catalogue", "--confirm", str(end))
    set_aside = pair.home / "aside"
    assert raw_scan(set_aside, SECRET.encode()) == []
    assert raw_scan(pair.home, SECRET.encode()) == []
    pair.publish()
    for _ in range(3):
        await pair.sync(2 * 86_400)
    assert raw_scan(pair.hub.home.path, SECRET.encode()) == []
    assert raw_scan(pair.hub.home.path, "留下".encode())
    assert names(pair.node).keys() == {"A-2"}
