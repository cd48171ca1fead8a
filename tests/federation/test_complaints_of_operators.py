"""What operators of such hubs complain of most, each turned into a promise that is kept here.

The numbers are those of the list of complaints: 1 what was removed at the source stays at the hub,
2 duplicates after records were renamed or said again, 4 a harvest that hangs holds up all others,
5 a run that failed looks like one without changes, 6 nobody can tell which records changed, 11 a
unit that moves or merges loses its history. 3 and 10 are in `test_complaints`, 8 in
`test_complaints_of_units`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.console import passwords
from fenhe_hub.desk.standing import change_standing
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from tests.hub.consoles import Clock, browsing, staffed
from tests.hub.fake_node import deletion, instrument
from tests.hub.houses import served
from tests.hub.provinces import Province, founded


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        staffed(province.hub, "operator-1")
        yield province


async def page(province: Province, path: str) -> str:
    """What an operator sees there."""
    async with browsing(province.hub, Clock(province.now)) as browser:
        await browser.sign_in("operator-1")
        status, text, _ = await browser.get(path)
    assert status == 200, path
    return text


async def answer(province: Province, path: str) -> Any:
    """What the public interface says."""
    async with served(province.hub, province.now) as visitor:
        return await (await visitor.get(path)).json()


def ids(province: Province) -> list[str]:
    """The instruments that stand at the hub."""
    return [
        row["id"]
        for row in province.rows("resource")
        if row["kind"] == "instrument" and row["deleted_on"] is None
    ]


# 1: what a unit removed is removed, and the counts at both stand side by side.


async def test_what_is_removed_at_the_source_is_gone_at_the_hub_and_counted(
    province: Province,
) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"), instrument("A-3"))
    await province.sync()
    node.publish(deletion("A-2"))
    await province.sync()
    assert ids(province) == ["A-1", "A-3"]
    assert (await answer(province, "api/v1/resources"))["total"] == 2
    text = await page(province, f"/unit/{node.uscc}")
    assert "科学仪器设备</dt><dd>2</dd>" in text.replace("\n", "")  # here
    assert "4 条" in text  # signed in the log: three records, one deletion


# 2: an identity is the unit's code and its own number, whatever is said again.


async def test_what_is_said_again_or_renamed_is_there_once(province: Province) -> None:
    node, other = province.nodes
    for _ in range(2):
        node.publish(instrument("A-1"), instrument("A-2", name_zh="示例仪器A-1"))
        await province.sync()
    other.publish(instrument("A-1"))  # another unit's number is another thing
    await province.sync()
    assert sorted(ids(province)) == ["A-1", "A-1", "A-2"]
    node.publish(deletion("A-1"), instrument("A-9", replaces="A-1"))
    await province.sync()
    assert sorted(ids(province)) == ["A-1", "A-2", "A-9"]


# 4: a visit has an end, nobody waits for it, and who looks sees that it is stuck.


async def test_a_node_that_hangs_is_left_and_shown_as_stuck(province: Province) -> None:
    slow, other = province.nodes
    config = replace(province.hub.config, visit_seconds=1, patience_seconds=1)
    province.hub = replace(province.hub, config=config)
    slow.go_slow(30)
    other.publish(instrument("B-1"))
    for _ in range(5):
        async with asyncio.timeout(20):
            await province.sync(seconds=86_400)
    assert ids(province) == ["B-1"]
    text = await page(province, "/harvest?health=stuck")
    assert slow.uscc in text and other.uscc not in text


# 5: a run that brought nothing and failed says that it failed.


async def test_no_round_without_changes_hides_an_error(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"))
    await province.sync()
    node.publish(instrument("A-2"))
    node.withhold("catalogue", "tile/entries/000.p/2")
    reports = await province.sync()
    (catalogue,) = (r for r in reports if (r.unit, r.log) == (node.origin, "catalogue"))
    assert (catalogue.size, catalogue.whole) == (catalogue.start, False) and catalogue.code
    assert catalogue.code in await page(province, "/harvest?health=trouble")


# 6: which records came, changed, went or were refused is a list, by record, to keep as a file.


async def test_it_is_told_record_by_record_what_became_of_a_publish(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-2"))
    await province.sync()
    node.publish(
        instrument("A-1", function="新功能"), deletion("A-2"), instrument("A-3", status="no such")
    )
    await province.sync()
    changes = (await answer(province, "api/v1/changes?limit=100"))["items"]
    told = [
        (each["id"], bool(each.get("deleted")))
        for each in changes
        if each.get("kind") == "instrument"
    ]
    assert ("A-1", False) in told and ("A-2", True) in told
    assert "A-3" not in {id_ for id_, _ in told}
    (refused,) = (await answer(province, f"api/v1/units/{node.uscc}/refusals"))["items"]
    assert (refused["index"], refused["tier"], refused["code"]) == (4, "pub", "schema")
    assert refused["reason_zh"]


# 11: a unit that merges into another is passed on by an operation, and its history stays.


async def test_a_unit_merged_into_another_is_followed_and_its_history_stays(
    province: Province,
) -> None:
    node, successor = province.nodes
    node.publish(instrument("A-1"))
    await province.sync()
    office = Office(province.hub, lambda: province.now)
    change_standing(
        office, THE_HUB, node.origin, "moved", reason="示例合并", successors=[successor.origin]
    )
    successor.publish(instrument("A-1"))
    await province.sync()
    registered = province.said("reg")[node.origin]
    assert registered["state"] == "moved"
    assert registered["ext"]["successors"] == [successor.origin]
    assert "示例合并" in await page(province, f"/unit/{node.uscc}/acts")
