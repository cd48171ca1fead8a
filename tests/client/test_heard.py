"""A follower that starts again need not hear all of `fed` again; what is erased is heard anew."""

from pathlib import Path

import pytest

from fenhe_client.following.heard import ENOUGH, Heard, HeardFile
from fenhe_protocol.entry import plain_entry
from fenhe_protocol.errors import Deferred
from fenhe_protocol.fed import Advance, EraseOrder, FedView, Place, Refusal, Registration, Word
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.position import Position
from tests.client.consumer import Consumer, ids
from tests.client.hub_house import HubHouse
from tests.client.unit_log import CATALOGUE, QuickDisk, instrument

FINGERPRINT = "ab" * 32
WORDS: list[Word] = [
    Advance(CATALOGUE, 0, 300, "汾河\n".encode()),
    Advance(CATALOGUE, 300, 310, b"note\n"),
    Registration("u1.example/fenhe", "enrolled", "12140000000000019W", "https://u1.example"),
    Registration("u2.example/fenhe", "retired"),
    Refusal(Place(CATALOGUE, 12, "pub"), "schema"),
    Refusal(Place(CATALOGUE, 13, "-"), "leaf-form"),
    Refusal(Place(CATALOGUE, 13, "-"), "ok"),
    EraseOrder(Place(CATALOGUE, 12), ("pub",), "law"),
    EraseOrder(Place(CATALOGUE, 12), ("hub",), "law"),
]


def said() -> FedView:
    view = FedView()
    view.hear(WORDS)
    return view


def file_in(folder: Path, hub: str = FINGERPRINT, tiers: tuple[str, ...] = ("pub",)) -> HeardFile:
    return HeardFile(folder / "heard", hub, tiers, QuickDisk())


def test_what_is_kept_is_what_was_heard(tmp_path: Path) -> None:
    assert file_in(tmp_path).load() == Heard()
    file_in(tmp_path).keep(said(), Position(1, ENOUGH - 1))
    assert file_in(tmp_path).load() == Heard()
    file_in(tmp_path).keep(said(), Position(1, ENOUGH))
    assert file_in(tmp_path).load() == Heard(Position(1, ENOUGH), said())
    assert file_in(tmp_path, tiers=("pub", "hub")).load() == Heard()
    assert file_in(tmp_path, hub="cd" * 32).load() == Heard()
    file_in(tmp_path).forget()
    assert file_in(tmp_path).load() == Heard()


@pytest.mark.parametrize("raw", [b"", b"7\n", b"{}\n", b"\xff\n", b'{"size": 1}\n'])
def test_a_file_that_is_none_of_ours_is_nothing(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "heard").write_bytes(raw)
    assert file_in(tmp_path).load() == Heard()


def test_a_file_with_a_spoilt_word_is_nothing(tmp_path: Path) -> None:
    file_in(tmp_path).keep(said(), Position(1, ENOUGH))
    raw = (tmp_path / "heard").read_bytes()
    (tmp_path / "heard").write_bytes(raw.replace(b'"kind":"rej"', b'"kind":"???"'))
    assert file_in(tmp_path).load() == Heard()


@pytest.fixture
def hub(tmp_path: Path) -> HubHouse:
    """One that has said enough to be kept."""
    house = HubHouse(tmp_path / "house")
    house.enrol()
    house.publish([instrument(n) for n in range(4)])
    places = (Place(CATALOGUE, index, "pub") for index in (1, *range(1000, 1000 + ENOUGH)))
    house.say(*(Refusal(place, "schema") for place in places))
    house.advance(0)
    return house


def without_line(bodies: bytes, begins: bytes) -> bytes:
    lines = bodies.splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(begins))


async def test_a_start_goes_on_from_what_was_heard(hub: HubHouse, tmp_path: Path) -> None:
    consumer = Consumer(hub, tmp_path / "consumer")
    assert ids(await consumer.follow()) == ["A-0", "A-2", "A-3"]
    early = consumer.folder / "cursor.json.d/fed/public/body/pub/000"
    early.unlink()  # so it shows if the beginning is read again
    hub.publish([instrument(4)])
    hub.advance(4)
    assert ids(await consumer.follow()) == ["A-4"]
    hub.say(Refusal(Place(CATALOGUE, 1, "pub"), "ok"))
    assert ids(await consumer.follow()) == ["A-1"]
    (consumer.folder / "cursor.json.d/heard").unlink()
    with pytest.raises(Deferred):
        await consumer.follow()


async def test_without_the_file_all_is_heard_again(hub: HubHouse, tmp_path: Path) -> None:
    consumer = Consumer(hub, tmp_path / "consumer")
    await consumer.follow()
    (consumer.folder / "cursor.json.d/heard").unlink()
    hub.publish([instrument(4)])
    hub.advance(0)
    assert ids(await consumer.follow()) == ["A-0", "A-2", "A-3", "A-4"]


async def test_a_word_that_the_hub_erases_is_kept_nowhere(hub: HubHouse, tmp_path: Path) -> None:
    consumer = Consumer(hub, tmp_path / "consumer")
    await consumer.follow()
    kept = consumer.folder / "cursor.json.d/heard"
    assert b"#1/pub" in kept.read_bytes()
    for path, raw in hub.fed.publish([plain_entry(EraseLeaf(((1, 2),), None, "error"))]).items():
        hub.files[f"fed/{path}"] = raw
    follower = consumer.follower()
    await consumer.follow(follower)
    assert not kept.exists()
    hub.advance(0)
    stored = consumer.folder / "cursor.json.d/fed/public/body/pub/000"
    stored.write_bytes(without_line(stored.read_bytes(), b"1 "))
    assert ids(await consumer.follow(follower)) == [f"A-{n}" for n in range(4)]
    assert b"#1/pub" not in kept.read_bytes()
