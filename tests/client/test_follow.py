"""A hub followed with one cursor: nothing is lost, nothing unproven is told."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fenhe_client.fetching.fetch import Answer, Fetcher
from fenhe_client.following.cursor import Cursor
from fenhe_client.following.follow import Follower, Outlet
from fenhe_client.reading.changes import Change
from fenhe_client.reading.mirror_reader import HubAddress
from fenhe_client.stored.partials import PARTIAL_SECONDS
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred, PublisherError
from fenhe_protocol.fed import Advance, EraseOrder, Place, Refusal
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.schema import SchemaSet
from tests.client.consumer import Consumer, ids
from tests.client.hub_house import FED, HubHouse
from tests.client.unit_log import CATALOGUE, NOW, UNIT, USCC, QuickDisk, instrument

MIRROR = f"m/{origin_hash(CATALOGUE)}"


@pytest.fixture
def hub(tmp_path: Path) -> HubHouse:
    house = HubHouse(tmp_path / "house")
    house.enrol()
    return house


@pytest.fixture
def consumer(hub: HubHouse, tmp_path: Path) -> Consumer:
    return Consumer(hub, tmp_path / "consumer")


async def test_every_record_is_told_once_verified(hub: HubHouse, consumer: Consumer) -> None:
    hub.publish([instrument(n) for n in range(300)])
    hub.advance(0)
    told = await consumer.follow()
    assert ids(told) == [f"A-{n}" for n in range(300)]
    assert told[0] == {
        "origin": CATALOGUE,
        "index": 0,
        "tier": "pub",
        "unit": USCC,
        "kind": "instrument",
        "id": "A-0",
        "body": told[0]["body"],
    }
    assert told[0]["body"]["name_zh"] == "示例仪器 0"
    assert consumer.cursor.size == 2


async def test_only_what_is_new_is_told_the_next_time(hub: HubHouse, consumer: Consumer) -> None:
    hub.publish([instrument(n) for n in range(300)])
    hub.advance(0)
    await consumer.follow()
    assert await consumer.follow() == []
    hub.publish([instrument(n) for n in range(300, 310)])
    hub.advance(300)
    assert ids(await consumer.follow()) == [f"A-{n}" for n in range(300, 310)]
    assert consumer.cursor.size == 3


async def test_a_cosignature_on_a_head_already_told_tells_nothing(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(1)])
    hub.advance(0)
    hub.advance(0, cosigned=True)
    assert ids(await consumer.follow()) == ["A-1"]


async def test_late_bodies_are_told_when_the_hub_says_so(hub: HubHouse, consumer: Consumer) -> None:
    hub.publish([instrument(n) for n in range(3)])
    body = hub.files.pop(f"{MIRROR}/body/pub/000")
    hub.advance(0)
    assert ids(await consumer.follow()) == []
    hub.files[f"{MIRROR}/body/pub/000"] = body
    hub.advance(0)
    assert ids(await consumer.follow()) == ["A-0", "A-1", "A-2"]


async def test_a_deletion_is_told_as_one(hub: HubHouse, consumer: Consumer) -> None:
    gone = {"on": "2026-11-23", "reason": "scrapped"}
    hub.publish([instrument(1), instrument(1, deleted=gone, name_zh=None, status=None)])
    hub.advance(0)
    told = await consumer.follow()
    assert [change.get("deleted") for change in told] == [None, gone]


async def test_erasures_are_told(hub: HubHouse, consumer: Consumer) -> None:
    erase = plain_entry(EraseLeaf(((0, 1),), ("pub",), "law"))
    hub.publish([instrument(0), erase, plain_entry(HeartbeatLeaf(NOW))])
    hub.advance(0)
    hub.say(EraseOrder(Place(CATALOGUE, 0), ("hub",), "order"))
    erased = [change["erased"] for change in await consumer.follow() if "erased" in change]
    assert {"origin": CATALOGUE, "ranges": [[0, 1]], "tiers": ["hub"]} in erased
    assert {"origin": CATALOGUE, "ranges": ((0, 1),), "tiers": ("pub",)} in erased


async def test_what_the_hub_refuses_is_not_told_until_it_is_lifted(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(n) for n in range(3)])
    place = Place(CATALOGUE, 1, "pub")
    hub.say(Refusal(place, "privacy"))
    hub.advance(0)
    told = await consumer.follow()
    assert ids(told) == ["A-0", "A-2"]
    assert {"origin": CATALOGUE, "index": 1, "tier": "pub", "refused": "privacy"} in told
    hub.say(Refusal(place, "ok"))
    assert ids(await consumer.follow()) == ["A-1"]


@pytest.mark.parametrize("path", ["checkpoint", "tile/entries/000.p/2", "body/pub/000"])
async def test_a_fed_that_was_tampered_with_stops_the_follower(
    path: str, hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(1)])
    hub.advance(0)
    raw = bytearray(hub.files[f"fed/{path}"])
    raw[len(raw) // 2] ^= 1
    hub.files[f"fed/{path}"] = bytes(raw)
    with pytest.raises((PublisherError, Deferred)):
        await consumer.follow()
    assert consumer.lines == []
    assert consumer.cursor.size <= 1


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/001.p/44", "tile/1/000.p/1"])
async def test_a_mirror_that_was_tampered_with_is_told_of_and_asked_again(
    path: str, hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(n) for n in range(300)])
    hub.advance(0)
    good = hub.files[f"{MIRROR}/{path}"]
    hub.files[f"{MIRROR}/{path}"] = good[:-1] + bytes([good[-1] ^ 1])
    assert ids(await consumer.follow()) == []
    assert consumer.problems
    assert consumer.cursor.behind == {CATALOGUE: 0}
    hub.files[f"{MIRROR}/{path}"] = good
    assert ids(await consumer.follow()) == [f"A-{n}" for n in range(300)]
    assert consumer.cursor.behind == {}


async def test_a_head_that_the_unit_did_not_sign_tells_nothing(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(1)])
    note = hub.unit.files()["checkpoint"].replace("— u1".encode(), "— u2".encode())
    hub.say(Advance(CATALOGUE, 0, 1, note))
    assert await consumer.follow() == []
    assert [error.code for error in consumer.problems] == ["checkpoint.unsigned"]


async def test_a_log_nobody_registered_tells_nothing(tmp_path: Path) -> None:
    hub = HubHouse(tmp_path / "house")
    hub.publish([instrument(1)])
    hub.advance(0)
    consumer = Consumer(hub, tmp_path / "consumer")
    assert await consumer.follow() == []
    assert [error.code for error in consumer.problems] == ["follow.unregistered"]


async def test_a_suspended_unit_is_told_of_when_it_is_enrolled_again(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(1)])
    hub.enrol("suspended")
    hub.advance(0)
    told = await consumer.follow()
    assert [(line["origin"], line["state"]) for line in told] == [(UNIT, "suspended")]
    hub.enrol()
    assert [line.get("state") for line in await consumer.follow()] == ["enrolled", None]
    assert ids(consumer.lines) == ["A-1"]
    hub.enrol()
    assert await consumer.follow() == []  # nothing is said of who stands as before


async def test_another_hub_than_the_one_compared_is_refused(
    hub: HubHouse, consumer: Consumer
) -> None:
    Cursor("http://hub", "0" * 64).save(consumer.path, QuickDisk())
    with pytest.raises(PublisherError) as caught:
        await consumer.follow()
    assert caught.value.code == "root.fingerprint"


async def test_the_cursor_moves_after_the_lines_are_out(hub: HubHouse, consumer: Consumer) -> None:
    hub.publish([instrument(1)])
    hub.advance(0)

    def fail(changes: Sequence[Change]) -> None:
        if changes:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        await consumer.follower().once(Outlet(fail, consumer.problems.append), NOW)
    assert consumer.cursor.behind == {CATALOGUE: 0}
    assert ids(await consumer.follow()) == ["A-1"]


async def test_killed_between_blocks_it_goes_on_there(hub: HubHouse, consumer: Consumer) -> None:
    hub.publish([instrument(n) for n in range(600)])
    hub.advance(0)
    told: list[Change] = []

    def fail(changes: Sequence[Change]) -> None:
        if len(told) >= 256:
            raise BrokenPipeError
        told.extend(changes)

    with pytest.raises(BrokenPipeError):
        await consumer.follower().once(Outlet(fail, consumer.problems.append), NOW)
    assert consumer.cursor.behind == {CATALOGUE: 256}
    assert [*ids(told), *ids(await consumer.follow())] == [f"A-{n}" for n in range(600)]


async def test_interrupted_at_any_request_nothing_is_lost(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(n) for n in range(300)])
    hub.advance(0)
    told: set[str] = set()
    for count in range(40):
        told |= set(ids(await interrupted(consumer, count)))
    assert told == {f"A-{n}" for n in range(300)}
    assert consumer.cursor.behind == {}


async def interrupted(consumer: Consumer, count: int) -> list[Change]:
    """A pass in which the network fails after so many requests."""
    left = [count]

    class Failing:
        def __init__(self, fetcher: Fetcher) -> None:
            self.fetcher = fetcher

        async def get(
            self, path: str, *, limit: int, etag: str = "", fresh: bool = False
        ) -> Answer:
            left[0] -= 1
            if left[0] < 0:
                raise Deferred("fetch.timeout", where=path)
            return await self.fetcher.get(path, limit=limit, etag=etag, fresh=fresh)

    address = HubAddress(lambda folder: Failing(consumer.hub.open(folder)))
    follower = Follower(address, consumer.path, consumer.cursor, SchemaSet.load(), QuickDisk())
    try:
        return await consumer.follow(follower)
    except Deferred:
        return consumer.lines


async def test_a_word_that_is_not_there_yet_holds_the_cursor(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.publish([instrument(1)])
    hub.advance(0)
    whole = hub.files["fed/body/pub/000"]
    hub.files["fed/body/pub/000"] = whole.splitlines(keepends=True)[0]
    with pytest.raises(Deferred) as caught:
        await consumer.follow()
    assert caught.value.code == "follow.missing"
    assert caught.value.where == f"{FED}#1"
    assert consumer.cursor.size == 1
    hub.files["fed/body/pub/000"] = whole
    assert ids(await consumer.follow()) == ["A-1"]


async def test_partials_of_fed_go_once_full_ones_have_replaced_them(
    hub: HubHouse, consumer: Consumer
) -> None:
    for _ in range(2):
        hub.say(*(Refusal(Place(CATALOGUE, n, "pub"), "schema") for n in range(200)))
        await consumer.follow()
    tiles = consumer.folder / "cursor.json.d/fed/public/tile"
    assert (tiles / "entries/000.p/201").exists()
    hub.say(*(Refusal(Place(CATALOGUE, n, "pub"), "ok") for n in range(200)))
    outlet = Outlet(consumer.lines.extend, consumer.problems.append)
    await consumer.follower().once(outlet, int(time.time()) + 2 * PARTIAL_SECONDS)
    left = {file.relative_to(tiles).as_posix() for file in tiles.rglob("*") if file.is_file()}
    assert {path for path in left if ".p/" in path and "/000.p" in path} == {
        "1/000.p/1",
        "1/000.p/2",
    }
    assert "entries/002.p/89" in left
    assert await consumer.follow() == []
