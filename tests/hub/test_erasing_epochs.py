"""An `x` in a later epoch that erases in the one before: whatever the hub lost, the same holds.

First it is said since when the identity counts, then nothing of the lines is left.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.operations.restore import bring_back
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import open_workshop
from fenhe_protocol.encoding import date_at
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import reopened
from tests.hub.other_hub import other_hub
from tests.hub.provinces import Province, founded

DAY = 86_400
SECRET = "恒温振荡培养箱甲乙丙"


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as made:
        yield made


def left_in(province: Province) -> list[Path]:
    files = (file for file in province.hub.home.path.rglob("*") if file.is_file())
    return [file for file in files if SECRET.encode() in file.read_bytes()]


def erase_former(node: FakeNode) -> None:
    """Correct leaf 0 of the ended catalogue in the next epoch, and erase it from there."""
    corrected = node.record(instrument("A-1", function="已改正"), "catalogue.2")
    erasure = plain_entry(EraseLeaf(((0, 1),), None, "law", "catalogue"))
    node.append([corrected, erasure], "catalogue.2")
    for tier in ("pub", "hub"):
        node.withhold("catalogue", f"body/{tier}/000")


async def waiting(province: Province) -> str:
    """Let an `x` of a later epoch wait at the hub; since when the record counts."""
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    first = date_at(province.now)
    end_catalogue(node)
    await province.sync(40 * DAY)
    erase_former(node)
    async with open_workshop(province.hub, lambda: province.now) as workshop:
        await workshop.rounds.once(workshop.targets())
    assert left_in(province)
    return first


def check_said_and_gone(province: Province, first: str) -> None:
    origin = f"{province.nodes[0].origin}/catalogue.2"
    assert {id_: said["first"] for id_, said in province.said("rcp").items()} == {
        f"{origin}#0": first
    }
    assert left_in(province) == []


async def test_a_rebuilt_index_waits_as_the_one_before(province: Province) -> None:
    first = await waiting(province)
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before and left_in(province)
    await province.sync()
    check_said_and_gone(province, first)


async def test_an_index_that_is_gone_costs_no_word(province: Province) -> None:
    first = await waiting(province)
    province.hub.home.index.unlink()
    for _ in range(2):
        await province.sync()
    check_said_and_gone(province, first)


async def test_an_index_that_is_gone_costs_no_word_of_one_log_either(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    node.publish(instrument("A-1", function="已改正"))
    node.erase(0, 1)
    province.hub.home.index.unlink()
    for _ in range(2):
        await province.sync()
    assert len(province.said("rcp")) == 1 and left_in(province) == []


async def test_a_log_that_waits_itself_is_erased_in_from_a_later_epoch(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    node.publish(instrument("A-1", function="已改正"), {"pub": instrument("A-2")["pub"]})
    kept = node.read("catalogue", "body/pub/000").splitlines(keepends=True)
    node.erase(0, 1)
    node.put_back("catalogue", "body/pub/000", kept[1])  # the body of leaf 2 is lost
    size = end_catalogue(node)
    lost = EraseLeaf(((2, 3),), None, "lost", "catalogue")
    node.append([plain_entry(lost)], "catalogue.2")
    for _ in range(2):  # the second time with the root document that the first has found
        province.now += DAY
        async with open_workshop(province.hub, lambda: province.now) as workshop:
            await workshop.rounds.once(workshop.targets())
    logs = {row["name"]: (row["size"], row["indexed"]) for row in province.rows("log")}
    assert logs["catalogue"] == (size, 3) and logs["catalogue.2"] == (1, 1)
    await province.sync()
    assert len(province.said("rcp")) == 1 and left_in(province) == []
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_a_restored_hub_says_it_first_and_keeps_nothing(province: Province) -> None:
    first = await waiting(province)
    home = province.hub.home
    home.heads.unlink()
    province.hub = reopened(province.hub)
    province.now += 60
    await bring_back(province.hub, lambda: province.now, "", ())
    check_said_and_gone(province, first)


async def test_a_receipt_that_only_fed_remembers_is_said_too(
    province: Province, tmp_path: Path
) -> None:
    node, home = province.nodes[0], province.hub.home
    node.publish(instrument("A-1", function=SECRET), instrument("A-2"))
    raw = node.withhold("catalogue", "body/hub/000")
    await province.sync()
    old = shutil.copytree(home.path, tmp_path / "old", ignore=shutil.ignore_patterns("head.*"))
    node.put_back("catalogue", "body/hub/000", raw)
    await province.sync(DAY)
    first = date_at(province.now)
    other = shutil.copytree(home.path, tmp_path / "other")
    node.publish(instrument("A-1", function="已改正"))
    node.erase(0, 1)
    shutil.rmtree(home.path)
    shutil.copytree(old, home.path)
    province.hub = reopened(province.hub)
    province.now += DAY
    async with other_hub(other, province.hub.fed_origin) as url:
        await bring_back(province.hub, lambda: province.now, url, ())
    origin = f"{node.origin}/catalogue"
    assert province.said("rcp")[f"{origin}#2"]["first"] == first
    assert MirrorLog(home, origin).head() is not None and left_in(province) == []
