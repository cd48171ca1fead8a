"""A hub above another: what it reads there, what it says of it, and what it refuses."""

import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.fetch import Web
from fenhe_hub.above import trust_hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.operations.lower import levels
from fenhe_hub.rebuild import rebuild
from fenhe_hub.web import doormen
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.houses import enrolled
from tests.hub.levels import Federation, federation


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Federation]:
    async with federation(tmp_path) as built:
        yield built


async def test_a_unit_of_a_lower_hub_is_mirrored_by_the_upper_one(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    node.publish(service("S-1"), log="usage")
    await county.sync()
    await made.enrol(province, county)
    asked = len(node.asked)
    await province.sync()
    assert len(node.asked) == asked  # its node is never asked
    assert province.records() == {(node.origin, "A-1")}
    assert await province.found() == {(node.uscc, "A-1")}
    assert province.said("reg")[county.hub.origin]["depth"] == 1
    told = province.said("reg")[node.origin]
    assert (told["depth"], told["root1"]) == (0, node.fingerprint)
    for log in ("catalogue", "usage"):
        assert b"province.example" in province.said("adv")[f"{node.origin}/{log}"]["note"].encode()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_without_trust_only_what_is_public_comes_and_that_is_seen(
    made: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doormen, "_LEAST_SECONDS", 0.0)  # before it looks for new readers
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    node.publish(service("S-1"), log="usage")
    await county.sync()
    await made.enrol(province, county, trusted=False)
    reports, _ = await province.sync()
    assert await province.found() == {(node.uscc, "A-1")}
    assert {(log["name"], log["cosigned_size"]) for log in province.rows("log")} == {
        ("fed", 0),  # what is said there of usage logs is not ours to have
        ("catalogue", 0),
    }
    told = {report.log: (report.code, report.missing) for report in reports}
    assert told["catalogue"] == ("fetch.denied", 1)
    async with Web() as opened:
        await trust_hub(opened, county.hub.home, province.url, province.hub.fingerprint)
    await province.sync()
    await province.sync()
    assert {log["name"] for log in province.rows("log") if log["cosigned_size"]} == {
        "fed",
        "catalogue",
        "usage",
    }


async def test_one_record_is_shown_once_with_both_ways_it_came(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county, province)
    node.publish(instrument("A-1"))
    await made.settle()
    await made.enrol(province, county)
    await province.sync()
    assert [row["origin"] for row in province.rows("unit")] == [node.origin, county.hub.origin]
    page = await province.get("/api/v1/units")
    (unit,) = page["items"]
    ways = [(way["kind"], way["hub"], way["open"]) for way in unit["ways"]]
    assert ways == [("direct", None, True), ("hub", county.hub.origin, True)]
    record = await province.get(f"/api/v1/resources/{node.uscc}/instrument/A-1")
    assert record["ways"] == unit["ways"]
    for path in (f"/u/{node.uscc}", f"/r/{node.uscc}/instrument/A-1"):
        async with made.session.get(f"{province.url}{path}") as response:
            text = await response.text()
        assert "直接" in text
        assert f'经由 <a class="mono" href="{county.url}"' in text


async def test_a_way_is_lost_and_another_is_taken(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county, province)
    node.publish(instrument("A-1"))
    await made.settle()
    await made.enrol(province, county)
    node.publish(instrument("A-2"))
    await county.sync()
    public, away = node.folder / "public", node.folder / "away"
    public.rename(away)
    reports, _ = await province.sync()
    assert province.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
    seen = {report.log: (report.outcome, report.remark) for report in reports}
    assert seen["catalogue"] == ("grown", "by-hub")
    away.rename(public)
    node.publish(instrument("A-3"))
    reports, _ = await province.sync()  # what is ahead is taken; the older copy is not
    assert (node.origin, "A-3") in province.records()
    assert {report.log: report.remark for report in reports}["catalogue"] == ""


async def test_a_fork_between_two_ways_is_a_fork(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county, province)
    node.publish(instrument("A-1"))
    await made.settle()
    await made.enrol(province, county)
    former = shutil.copytree(node.folder, made.folder / "former")
    node.publish(instrument("A-2"))
    await county.sync()
    node.return_to(former)
    node.publish(instrument("B-2"))
    await province.sync()
    assert {row["name"] for row in province.rows("log") if row["quarantined"]} == {"catalogue"}
    assert len(list(province.hub.home.evidence(f"{node.origin}/catalogue").iterdir())) == 2


async def test_another_fingerprint_for_a_known_unit_is_refused(made: Federation) -> None:
    county, other, province = [await made.hub(name) for name in ("county", "other", "province")]
    node = await made.node(county)
    node.publish(instrument("A-1"))
    impostor = FakeNode(made.folder / "impostor", 50)
    impostor.rename(node.origin)
    impostor.clock = lambda: made.now
    async with impostor.serving():
        await enrolled(other.hub, impostor)
        impostor.publish(instrument("B-1"))
        await other.sync()
        await county.sync()
        await made.enrol(province, county)
        await province.sync()
        await made.enrol(province, other)
        await province.sync()
    assert province.records() == {(node.origin, "A-1")}
    assert province.said("reg")[node.origin]["root1"] == node.fingerprint
    with closing(open_index(province.hub.home.index)) as db:
        told = levels(province.hub, db)
    (refused,) = told.refused
    assert (refused["hub"], refused["code"]) == (other.hub.origin, "below.conflict")
    assert any("below.conflict" in line for line in told.lines())
    assert [way.hub for way in told.ways[node.origin]] == [county.hub.origin]


async def test_a_loop_that_comes_later_is_refused_and_nothing_goes_round(
    made: Federation,
) -> None:
    left, right = await made.hub("left"), await made.hub("right")
    node = await made.node(right)
    node.publish(instrument("A-1"))
    await made.enrol(left, right, trusted=False)  # `fed` of neither names the other yet
    await made.enrol(right, left, trusted=False)
    await right.sync()
    for _ in range(3):
        await made.settle()
    assert left.records() == set()
    for level, other in ((left, right), (right, left)):
        with closing(open_index(level.hub.home.index)) as db:
            (hub,) = levels(level.hub, db).hubs
        assert (hub.hub, hub.code, hub.found) == (
            other.hub.origin,
            "below.loop",
            level.hub.origin,
        )
    sizes = [level.rows("fed") for level in made.hubs]
    await made.settle()
    assert [level.rows("fed") for level in made.hubs] == sizes
