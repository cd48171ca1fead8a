"""An `x` or `era` at the hub: first said since when the identity counts, then nothing is left."""

from collections.abc import AsyncIterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from fenhe_hub.fed.round import FedRound
from fenhe_hub.index.facts import gather_units
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.scour import scour
from fenhe_hub.mirror.bodies import body_reader
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.operations.erase import erase_at_hub
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_hub.visiting.workshop import open_workshop
from fenhe_protocol.encoding import date_at
from fenhe_protocol.errors import Refused
from fenhe_protocol.fed import EraseOrder, Place
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.provinces import Province, founded

SECRET = "恒温振荡培养箱甲乙丙"
DAY = 86_400


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as made:
        yield made


def traces(
    node: FakeNode, log: str = "catalogue", tiers: tuple[str, ...] = ("pub", "hub")
) -> set[bytes]:
    """The salts and bodies of the catalogue's lines as the node serves them now."""
    found: set[bytes] = set()
    for tier in ("pub", "hub"):
        for path in node.files("catalogue").paths(f"body/{tier}"):
            for line in node.read("catalogue", path).splitlines():
                found.update(line.split(b" ", 2)[1:])
    return found


def left_in(folder: Path, needles: set[bytes]) -> list[str]:
    """The files below a folder that hold any of these bytes."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(needle in file.read_bytes() for needle in needles)
    )


async def test_no_byte_of_what_was_erased_stays_in_any_file(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    gone = traces(node)
    assert left_in(province.hub.home.path, gone)
    node.publish(instrument("A-1", function="已改正"), instrument("A-2"))
    await province.sync()
    node.erase(0, 1)
    gone -= traces(node)  # what the successor says in the same words
    await province.sync()
    assert left_in(province.hub.home.path, gone | {SECRET.encode()}) == []
    assert not province.hub.home.scour_due.exists()
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_nothing_is_left_of_what_was_refused_and_then_erased(province: Province) -> None:
    node = province.nodes[0]
    phone = "13800138000"
    node.publish(instrument("A-1", status=SECRET), instrument("A-2", function=f"{SECRET}{phone}"))
    await province.sync()
    assert len(province.rows("skip")) == 2 and left_in(province.hub.home.path, {SECRET.encode()})
    node.erase(0, 2)
    await province.sync()
    assert left_in(province.hub.home.path, {SECRET.encode(), phone.encode()}) == []


async def test_the_first_receipt_is_said_before_the_lines_go(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    first = date_at(province.now)
    await province.sync(40 * DAY)
    node.publish(instrument("A-1", function="已改正"))
    await province.sync()
    node.erase(0, 1)
    async with open_workshop(province.hub, lambda: province.now) as workshop:
        await workshop.rounds.once(workshop.targets())
    origin = f"{node.origin}/catalogue"
    mirror = MirrorLog(province.hub.home, origin)
    # The `x` is read and proven, and still waits: nothing is gone, nothing new is cosigned.
    assert b"0 " in (mirror.files.read("body/pub/000") or b"")
    [log] = [row for row in province.rows("log") if row["origin"] == origin]
    assert (log["size"], log["indexed"], log["cosigned_size"]) == (3, 2, 2)
    rebuild(province.hub)
    assert b"0 " in (mirror.files.read("body/pub/000") or b"")
    await province.sync()
    assert province.said("rcp") == {
        f"{origin}#1": {
            "first": first,
            "id": f"{origin}#1",
            "kind": "rcp",
            "unit": province.hub.uscc,
        }
    }
    raw = mirror.files.read("body/pub/000") or b""
    assert [line.split(b" ")[0] for line in raw.splitlines()] == [b"1"]


async def test_rules_count_from_the_receipt_of_what_was_erased(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1", function=SECRET))
    await province.sync()
    first = date.fromisoformat(date_at(province.now))
    node.publish(instrument("A-1", function="已改正"))
    await province.sync(40 * DAY)
    for start in (0, 1):
        node.erase(start, start + 1)
        node.publish(instrument("A-1", function=f"再改正{start}"))
        await province.sync(DAY)
    with closing(open_index(province.hub.home.index)) as db:
        units = [unit for _, unit in gather_units(db, body_reader(province.hub.home))]
    [resource] = [each for unit in units for each in unit.resources if each.id == "A-1"]
    assert resource.first_delivered_on == first
    assert all(each.fields["function"] != SECRET for each in resource.submissions)


async def test_an_identity_that_was_never_received_needs_no_word(province: Province) -> None:
    node = province.nodes[0]
    node.publish(instrument("A-1"), instrument("A-1", function="已改正"))
    node.erase(0, 1)
    await province.sync()
    assert province.said("rcp") == {}
    assert all(row["indexed"] == row["size"] for row in province.rows("log"))


async def test_a_deleted_service_record_needs_no_word(province: Province) -> None:
    node = province.nodes[0]
    node.publish(service("S-1"), log="usage")
    await province.sync()
    gone = {
        "kind": "service_record",
        "id": "S-1",
        "deleted": {"on": "2026-11-20", "reason": "other"},
    }
    node.publish({"hub": gone}, log="usage")
    await province.sync()
    assert province.said("rcp") == {}


async def test_the_hub_erases_by_its_own_order(province: Province) -> None:
    node, clock = province.nodes[0], lambda: province.now
    node.publish(instrument("A-1", function=SECRET), instrument("A-2"))
    await province.sync()
    gone = {each for each in traces(node) if b"A-2" not in each and len(each) > 22}
    place = Place(f"{node.origin}/catalogue", 0)
    province.now += 60
    await erase_at_hub(province.hub, [EraseOrder(place, ("pub",), "law")], clock)
    province.now += 60
    said = await erase_at_hub(province.hub, [EraseOrder(place, ("hub",), "law")], clock)
    assert said.words == {"era": 1}
    assert province.said("era")[place.text]["tiers"] == ["hub", "pub"]
    assert scour(province.hub)
    assert left_in(province.hub.home.path, gone | {SECRET.encode()}) == []
    reports = await province.sync()
    assert all(report.missing == 0 and report.whole for report in reports)
    assert left_in(province.hub.home.path, gone | {SECRET.encode()}) == []
    before = province.dump()
    rebuild(province.hub)
    assert province.dump() == before


async def test_an_order_for_a_leaf_that_is_not_there_says_nothing(province: Province) -> None:
    await province.sync()
    with FedRound(province.hub) as fed:
        before = fed.publish(province.now).size
    order = EraseOrder(Place(f"{province.nodes[0].origin}/catalogue", 7), ("pub",), "law")
    with pytest.raises(Refused, match=r"erase\.unknown"):
        await erase_at_hub(province.hub, [order], lambda: province.now)
    with FedRound(province.hub) as fed:
        assert fed.publish(province.now).size == before


async def test_many_erasures_wait_for_one_publish_alone(province: Province) -> None:
    node = province.nodes[0]
    node.publish(*(instrument(f"A-{n}", function=SECRET) for n in range(5)))
    await province.sync()
    node.publish(*(instrument(f"A-{n}", function="已改正") for n in range(5)))
    for n in range(5):
        node.erase(n, n + 1)
    report = next(each for each in await province.sync() if each.log == "catalogue")
    assert report.cosigned == report.size == 15
    assert len(province.said("rcp")) == 5
    assert left_in(province.hub.home.path, {SECRET.encode()}) == []
