"""Erasures that are many, or reach far: what they cost, they cost their own unit, and no more."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_hub.fed.round import FedRound
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.log import Ingest
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.targets import find_log
from fenhe_hub.visiting.workshop import open_workshop
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.schema import SchemaSet
from tests.counting import counted
from tests.hub.epochs import end_catalogue
from tests.hub.fake_node import instrument
from tests.hub.provinces import Province, founded

DAY = 86_400


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path, units=1) as made:
        yield made


async def calls_to_obey(province: Province, count: int) -> int:
    """What it takes to obey so many erasures of lines that are held, once `fed` has said all."""
    node = province.nodes[0]
    node.publish(*(instrument(f"A-{n}") for n in range(count)))
    await province.sync()
    erasures = [plain_entry(EraseLeaf(((n, n + 1),), None, "law")) for n in range(count)]
    corrected = [node.record(instrument(f"A-{n}", function="已改正")) for n in range(count)]
    node.append([*corrected, *erasures])
    province.now += 60
    async with open_workshop(province.hub, lambda: province.now) as workshop:
        await workshop.rounds.once(workshop.targets())
    with FedRound(province.hub) as fed:
        said = fed.publish(province.now).words["rcp"]
    found = find_log(province.hub.home, f"{node.origin}/catalogue")
    assert said == count and found is not None
    with closing(open_index(province.hub.home.index)) as db:
        ingest = Ingest(province.hub.home, db, SchemaSet.load())
        with counted() as calls:
            brought = ingest.bring_up(found[0])
    assert (brought.waiting, brought.size) == (False, 3 * count)
    return sum(calls.values())


async def test_obeying_many_erasures_is_work_in_proportion_to_their_number(tmp_path: Path) -> None:
    found = []
    for count in (20, 80):
        async with founded(tmp_path / str(count), units=1) as province:
            found.append(await calls_to_obey(province, count))
    assert found[1] < 6 * found[0]  # four times as many; sixteen times the work where all were met


async def test_the_same_erasure_again_and_again_is_looked_at_once(province: Province) -> None:
    node, blocks, times = province.nodes[0], 20, 30
    node.append([plain_entry(HeartbeatLeaf(node.now))] * (256 * blocks))
    await province.sync()
    node.append([plain_entry(EraseLeaf(((0, 256 * blocks),), None, "law"))] * times)
    await province.sync()
    found = find_log(province.hub.home, f"{node.origin}/catalogue")
    assert found is not None and found[1] == 256 * blocks + times
    with closing(open_index(province.hub.home.index)) as db:
        db.execute("UPDATE log SET indexed = ?", [256 * blocks])
        db.execute("DELETE FROM erased")
        ingest = Ingest(province.hub.home, db, SchemaSet.load())
        with counted() as calls:
            ingest.bring_up(found[0])
    assert calls["any_of"] == times and calls["_read"] < 6 * blocks


async def test_an_erasure_in_the_epoch_before_reaches_no_further_than_its_end(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(*(instrument(f"A-{n}") for n in range(3)))
    await province.sync()
    size = end_catalogue(node)
    everything = EraseLeaf(((1, 2**53 - 1),), None, "law", "catalogue")
    last = node.record(instrument("B-1"), "catalogue.2")
    node.append([last, plain_entry(everything)], "catalogue.2")
    for _ in range(2):
        reports = await province.sync(DAY)
    assert all(each.whole for each in reports)
    kept = MirrorLog(province.hub.home, f"{node.origin}/catalogue").files
    assert (kept.read("body/pub/000") or b"").startswith(b"0 ")
    assert (kept.read("body/pub/000") or b"").count(b"\n") == 1
    logs = {row["name"]: row for row in province.rows("log")}
    assert logs["catalogue"]["ended"] == size and logs["catalogue.2"]["ended"] is None
    ranges = {(row["start"], row["stop"]) for row in province.rows("erased")}
    assert ranges == {(1, size)}
