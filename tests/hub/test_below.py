"""A hub above another: what it reads there, what it says of it, and what it refuses."""

import shutil
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.fetching.fetch import Web
from fenhe_client.writing.feed_writer import new_record
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.letting_go import let_go_due
from fenhe_hub.mirror.sealed_ledger import note_taken
from fenhe_hub.operations.erase import erase_at_hub
from fenhe_hub.operations.lower import levels
from fenhe_hub.registry.above import trust_hub
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.web import doormen
from fenhe_protocol.encoding import b64_encode
from fenhe_protocol.fed import EraseOrder, Place
from fenhe_protocol.strict_json import dumps
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
    assert len(list(province.hub.home.evidence(f"{node.origin}/catalogue").glob("*.note"))) == 2


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
        told = levels(province.hub, db, province.made.now)
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
            (hub,) = levels(level.hub, db, level.made.now).hubs
        assert (hub.hub, hub.code, hub.found) == (
            other.hub.origin,
            "below.loop",
            level.hub.origin,
        )
    sizes = [level.rows("fed") for level in made.hubs]
    await made.settle()
    assert [level.rows("fed") for level in made.hubs] == sizes


async def test_what_a_lower_hub_orders_erased_is_erased_above(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"), instrument("A-2"))
    await county.sync()
    await made.enrol(province, county)
    await province.sync()
    place = Place(f"{node.origin}/catalogue", 0)
    await erase_at_hub(
        county.hub, [EraseOrder(place, ("hub", "pub"), "order")], lambda: made.now + 60
    )
    await province.sync()
    assert province.records() == {(node.origin, "A-2")}
    assert province.said("era")[place.text]["tiers"] == ["hub", "pub"]
    mirror = province.hub.home.mirror(place.origin)
    assert b"A-1" not in b"".join(file.read_bytes() for file in mirror.rglob("*") if file.is_file())
    [log] = [row for row in province.rows("log") if row["origin"] == place.origin]
    assert (log["size"], log["cosigned_size"]) == (2, 2)
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_what_a_lower_hub_let_through_is_refused_for_privacy_above(made: Federation) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    node.publish(instrument("A-1"))
    await county.sync()
    personal = instrument("A-2", function="联系人手机 13900000000")
    node.publish(personal)
    await county.sync()
    log = f"{node.origin}/catalogue"
    blind = county.hub.home.mirror(log) / "public" / "body" / "pub" / "000"
    blind.write_bytes(node.read("catalogue", "body/pub/000"))  # as if it judged nothing
    await made.enrol(province, county)
    await province.sync()
    assert province.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
    found = await province.found()
    assert found == {(node.uscc, "A-1")}
    assert [row["code"] for row in province.rows("skip")] == ["privacy"]
    held = b"".join(
        file.read_bytes() for file in province.hub.home.path.rglob("*") if file.is_file()
    )
    assert b"13900000000" not in held
    assert province.said("rej")[f"{log}#1/pub"]["code"] == "privacy"


async def test_a_hub_that_comes_to_lie_too_deep_is_refused_and_keeps_what_it_brought(
    made: Federation,
) -> None:
    a, b, c, d = [await made.hub(name) for name in "abcd"]
    node = await made.node(b)
    node.publish(instrument("A-1"))
    await b.sync()
    await made.enrol(c, b)
    await c.sync()
    await made.enrol(d, c)
    await d.sync()
    assert d.records() == {(node.origin, "A-1")}
    await made.enrol(b, a)
    node.publish(instrument("A-2"))
    for level in (a, b, c, d):
        await level.sync()
    with closing(open_index(d.hub.home.index)) as db:
        (hub,) = levels(d.hub, db, d.made.now).hubs
    assert (hub.hub, hub.code, hub.depth) == (c.hub.origin, "below.depth", 2)
    assert c.records() == {(node.origin, "A-1"), (node.origin, "A-2")}
    assert await d.found() == {(node.uscc, "A-1")}


@pytest.mark.parametrize("days", [89, 91])
async def test_sealed_lines_let_go_beneath_count_where_an_old_cosignature_covers_them(
    made: Federation, days: int
) -> None:
    county, province = await made.hub("county"), await made.hub("province")
    node = await made.node(county)
    seal = {"key": "ab" * 32, "sealed": b64_encode(bytes(48 + 256))}
    record = new_record(
        f"{node.origin}/usage",
        {
            "hub": dumps({"unit": node.uscc, **service("S-1")["hub"]}),
            "nat": dumps(seal),
        },
    )
    node.append([record], log="usage")
    await county.sync()
    folder = county.hub.home.mirror(f"{node.origin}/usage")
    note_taken(folder, [(0, 1)], made.now - 1000 * 86_400)
    let_go_due(county.hub, made.now)
    assert not (folder / "held/body/nat/000").exists()
    made.now += days * 86_400
    node.now = made.now
    await county.sync()
    await made.enrol(province, county)
    await province.sync()
    [log] = [row for row in province.rows("log") if row["name"] == "usage"]
    gaps = [row for row in province.rows("gap") if row["log_no"] == log["log_no"]]
    assert (log["size"], log["cosigned_size"], len(gaps)) == (1, *((1, 0) if days > 90 else (0, 1)))
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before
