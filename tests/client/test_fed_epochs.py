"""What a hub says goes on in a later epoch of its own log, and a follower with it (feed §11)."""

import asyncio
from pathlib import Path

import pytest

from fenhe_client.cli import main
from fenhe_client.following.cursor import Cursor
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Forked, Refused
from fenhe_protocol.fed import EraseOrder, Place, Refusal
from fenhe_protocol.keys import ED25519, VerifierKey
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.position import Position
from tests.client.consumer import Consumer, ids
from tests.client.hub_house import FED, HubHouse
from tests.client.unit_log import CATALOGUE, KEY, instrument

THREE = ["A-0", "A-1", "A-2"]


@pytest.fixture
def hub(tmp_path: Path) -> HubHouse:
    """One that has announced three records, in two leaves of `fed`."""
    house = HubHouse(tmp_path / "house")
    house.enrol()
    house.publish([instrument(n) for n in range(3)])
    house.advance(0)
    return house


@pytest.fixture
def consumer(hub: HubHouse, tmp_path: Path) -> Consumer:
    return Consumer(hub, tmp_path / "consumer")


def grow(hub: HubHouse, number: int) -> None:
    start = hub.head.size
    hub.publish([instrument(number)])
    hub.advance(start)


async def test_the_next_epoch_is_told_after_the_one_before(
    hub: HubHouse, consumer: Consumer
) -> None:
    hub.end_fed(hub.fed_head)
    grow(hub, 3)
    assert ids(await consumer.follow()) == [*THREE, "A-3"]
    assert consumer.cursor.place == Position(2, 1)


async def test_a_cursor_goes_on_over_the_end_with_nothing_lost_or_said_twice(
    hub: HubHouse, consumer: Consumer
) -> None:
    assert ids(await consumer.follow()) == THREE
    hub.end_fed(hub.fed_head)
    grow(hub, 3)
    assert ids(await consumer.follow()) == ["A-3"]
    grow(hub, 4)
    assert ids(await consumer.follow()) == ["A-4"]
    assert await consumer.follow() == []


async def test_a_cursor_without_an_epoch_stands_in_the_first(
    hub: HubHouse, consumer: Consumer
) -> None:
    text = f'{{"hub": "http://hub", "fingerprint": "{hub.fingerprint}", "size": 2}}'
    consumer.path.write_text(text)
    assert consumer.cursor == Cursor("http://hub", hub.fingerprint, 2)
    hub.end_fed(hub.fed_head)
    grow(hub, 3)
    assert ids(await consumer.follow()) == ["A-3"]


async def test_the_next_epoch_waits_for_all_of_the_one_before(
    hub: HubHouse, consumer: Consumer
) -> None:
    whole = dict(hub.files)
    grow(hub, 3)
    end = hub.fed_head
    late = {path: raw for path, raw in hub.files.items() if whole.get(path) != raw}
    hub.end_fed(end)
    grow(hub, 4)
    for path in filter(lambda path: path.startswith("fed/"), late):
        hub.files[path] = whole.get(path, b"")
    assert ids(await consumer.follow()) == THREE
    assert consumer.cursor.place == Position(1, 2)
    hub.files.update({path: raw for path, raw in late.items() if path.startswith("fed/")})
    assert ids(await consumer.follow()) == ["A-3", "A-4"]


async def test_what_was_heard_above_the_end_is_taken_back(
    hub: HubHouse, consumer: Consumer
) -> None:
    end = hub.fed_head
    former = {path: raw for path, raw in hub.files.items() if path.startswith("fed/")}
    hub.say(
        Refusal(Place(CATALOGUE, 1, "pub"), "schema"), EraseOrder(Place(CATALOGUE, 2), ("pub",))
    )
    assert ids(await consumer.follow()) == ["A-0"]
    hub.files.update(former)
    hub.end_fed(end)
    grow(hub, 3)
    assert sorted(ids(await consumer.follow())) == ["A-1", "A-2", "A-3"]
    assert consumer.cursor.place == Position(2, 1)
    assert await consumer.follow() == []


async def test_a_suspension_above_the_end_is_taken_back(hub: HubHouse, consumer: Consumer) -> None:
    end = hub.fed_head
    former = {path: raw for path, raw in hub.files.items() if path.startswith("fed/")}
    await consumer.follow()
    hub.enrol("suspended")
    await consumer.follow()
    hub.files.update(former)
    hub.end_fed(end)
    grow(hub, 3)
    told = await consumer.follow()
    assert [each["state"] for each in told if "state" in each] == ["enrolled"]
    assert ids(told) == [*THREE, "A-3"]
    assert await consumer.follow() == []


async def test_a_head_above_the_end_is_refused_and_kept(hub: HubHouse, consumer: Consumer) -> None:
    await consumer.follow()
    end = hub.fed_head
    hub.say(Refusal(Place(CATALOGUE, 1, "pub"), "schema"))  # by whoever else has the key
    stolen = hub.files["fed/checkpoint"]
    hub.end_fed(end)
    grow(hub, 3)
    with pytest.raises(Refused) as caught:
        await consumer.follow()
    assert caught.value.code == "log.ended"
    assert ids(consumer.lines) == ["A-3"]  # the hub is heard all the same
    assert (consumer.folder / "cursor.json.d/fed/above-end/served").read_bytes() == stolen


async def test_another_root_at_the_end_is_a_fork(hub: HubHouse, consumer: Consumer) -> None:
    await consumer.follow()
    hub.end_fed(Checkpoint(FED, hub.fed_head.size, b"r" * 32))
    grow(hub, 3)
    with pytest.raises(Refused) as caught:
        await consumer.follow()
    assert caught.value.code in ("log.fork", "follow.fork")
    assert list((consumer.folder / "cursor.json.d/fed/fork").iterdir())
    with pytest.raises(Refused):
        await consumer.follow()
    assert consumer.cursor.place == Position(1, 2)


@pytest.mark.parametrize("more", [False, True])
async def test_a_fork_that_was_met_convicts_the_hub_without_a_copy_of_its_tree(
    hub: HubHouse, consumer: Consumer, tmp_path: Path, more: bool
) -> None:
    other = HubHouse(tmp_path / "other")
    other.enrol("suspended")
    for number in range(4 if more else 1):
        other.say(Refusal(Place(CATALOGUE, number, "pub"), "schema"))
    grow(hub, 3)
    await consumer.follow()
    hub.files.update({path: raw for path, raw in other.files.items() if path.startswith("fed/")})
    with pytest.raises(Forked):
        await consumer.follow()
    fork = consumer.folder / "cursor.json.d/fed/fork"
    key = ["--key", VerifierKey(FED, ED25519, KEY.public).text]
    out = str(tmp_path / "evidence.json")
    made = [str(fork / "0"), str(fork / "1"), "--history", str(fork / "history"), "--out", out]
    assert await asyncio.to_thread(main, ["make-evidence", *made, *key]) == 0
    assert await asyncio.to_thread(main, ["verify-evidence", out, *key]) == 0


async def test_a_later_epoch_erases_in_the_one_before(hub: HubHouse, consumer: Consumer) -> None:
    hub.say(Refusal(Place(CATALOGUE, 1, "pub"), "schema"))
    assert ids(await consumer.follow()) == ["A-0", "A-2"]
    hub.end_fed(hub.fed_head)
    hub.add(plain_entry(EraseLeaf(((2, 3),), None, "error", "fed")))
    hub.files["fed/body/pub/000"] = b"".join(
        hub.files["fed/body/pub/000"].splitlines(keepends=True)[:2]
    )
    await consumer.follow()
    held = consumer.folder / "cursor.json.d/fed/public/body/pub/000"
    assert len(held.read_bytes().splitlines()) == 2
    anew = Consumer(hub, consumer.folder.with_name("another"))
    assert ids(await anew.follow()) == THREE


async def test_an_epoch_that_ended_before_it_said_anything_is_passed(
    hub: HubHouse, consumer: Consumer
) -> None:
    await consumer.follow()
    hub.end_fed(Checkpoint(FED, 0, EMPTY_ROOT))
    grow(hub, 3)
    assert ids(await consumer.follow()) == [] != consumer.problems  # its unit is not named again
    assert consumer.cursor.place == Position(2, 1)
    marks = consumer.folder / "cursor.json.d/fed/above-end"
    assert (marks / "verified").read_bytes() == hub.files["fed/checkpoint"]
