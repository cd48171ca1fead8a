"""Bodies, root documents and the list of what is missing: signed, all or nothing, each status."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.visiting.workshop import publish_owed
from fenhe_hub.web import doormen
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.origin import origin_hash
from tests.hub.fake_node import FakeNode, deletion, instrument
from tests.hub.houses import enrolled, served
from tests.hub.provinces import Province, founded
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher

CATALOGUE = "u1.example/fenhe/catalogue"
House = tuple[Province, Pusher]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(300)))
    async with pushing(tmp_path, node) as house:
        yield house


@pytest.fixture
async def pusher(house: House) -> Pusher:
    """All entries are there, and no body."""
    _, pusher = house
    await pusher.add_checkpoint()
    assert (await pusher.add_entries("catalogue", 0, 300)).status == 202
    return pusher


async def test_missing_names_what_is_to_come_lowest_first(pusher: Pusher) -> None:
    missing = await pusher.missing("catalogue")
    assert missing[:3] == [(0, "pub"), (0, "hub"), (1, "pub")]
    assert len(missing) == 600


async def test_any_part_of_a_block_is_taken(pusher: Pusher) -> None:
    for indices in ([7, 9], [9, 200], []):
        lines = pusher.lines("catalogue", "pub", 0, indices)
        assert (await pusher.put_bodies("catalogue", "pub", 0, lines)).status == 204
    missing = await pusher.missing("catalogue")
    taken = {7, 9, 200}
    assert {index for index, tier in missing if tier == "pub"} == set(range(300)) - taken
    place = f"{pusher.url}/m/{origin_hash(CATALOGUE)}/body/pub/000"
    async with pusher.session.get(place) as answer:
        assert await answer.read() == pusher.lines("catalogue", "pub", 0, taken)


async def test_what_is_here_may_come_again(pusher: Pusher) -> None:
    lines = pusher.lines("catalogue", "hub", 1, range(256, 300))
    for _ in range(2):
        assert (await pusher.put_bodies("catalogue", "hub", 1, lines)).status == 204


async def test_all_lines_or_none(pusher: Pusher) -> None:
    good = pusher.lines("catalogue", "pub", 0, [0, 1])
    other = pusher.lines("catalogue", "pub", 0, [2]).replace(b"A-2", b"A-3")
    answer = await pusher.put_bodies("catalogue", "pub", 0, good + other)
    assert answer.status == 422
    assert (await answer.json())["where"] == f"{CATALOGUE}#2/pub"
    assert len(await pusher.missing("catalogue")) == 600


@pytest.mark.parametrize("line", [b"x", b"2 short {}\n", b"300 " + b"A" * 22 + b" {}\n"])
async def test_what_is_no_line_of_the_block_is_422(pusher: Pusher, line: bytes) -> None:
    good = pusher.lines("catalogue", "pub", 0, [0, 1])
    answer = await pusher.put_bodies("catalogue", "pub", 0, good + line)
    assert answer.status == 422
    assert (await answer.json())["where"] == f"{CATALOGUE}#2/pub"


async def test_a_line_without_commitment_in_the_tier_is_422(pusher: Pusher) -> None:
    lines = pusher.lines("catalogue", "pub", 0, [0])
    assert (await pusher.put_bodies("catalogue", "nat", 0, lines)).status == 422


async def test_a_line_whose_leaf_is_not_there_yet_is_409(pusher: Pusher) -> None:
    pusher.node.publish(instrument("B-1"))
    lines = pusher.lines("catalogue", "pub", 1, [299, 300])
    answer = await pusher.put_bodies("catalogue", "pub", 1, lines)
    assert answer.status == 409
    assert (await answer.json())["where"] == f"{CATALOGUE}#300/pub"
    far = b"5120 " + b"A" * 22 + b" {}\n"
    assert (await pusher.put_bodies("catalogue", "pub", 20, far)).status == 409


async def test_an_erased_line_is_409(pusher: Pusher) -> None:
    lines = pusher.lines("catalogue", "pub", 0, [5])
    pusher.node.publish(deletion("A-5"))
    size = pusher.node.erase(5, 6)
    await pusher.add_checkpoint()
    await pusher.add_entries("catalogue", 300, size)
    answer = await pusher.put_bodies("catalogue", "pub", 0, lines)
    assert (answer.status, (await answer.json())["code"]) == (409, "push.erased")
    assert (5, "pub") not in await pusher.missing("catalogue")


async def test_personal_data_is_never_written(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(instrument("P-1", model="13800138000"))
    async with pushing(tmp_path, node) as (province, pusher):
        assert await pusher.push("catalogue") == b""
        assert [row["code"] for row in province.rows("skip")] == ["privacy"]
    found = [
        file
        for file in province.hub.home.path.rglob("*")
        if file.is_file() and b"13800138000" in file.read_bytes()
    ]
    assert found == []


async def test_more_than_16_mib_is_413(pusher: Pusher) -> None:
    path = f"{pusher.inbox('catalogue')}/body/pub/000"
    content = bytes(16 * 1024 * 1024 + 1)
    headers = pusher.headers("PUT", path, content)

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(content), 2**20):
            yield content[at : at + 2**20]

    answer = await pusher.session.put(f"{pusher.url}/{path}", data=pieces(), headers=headers)
    assert answer.status == 413


async def test_only_the_unit_itself_may_push_and_ask(
    house: House, pusher: Pusher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    province, _ = house
    monkeypatch.setattr(doormen, "_LEAST_SECONDS", 0.0)  # before the registry is looked at again
    other = FakeNode(tmp_path / "u2", number=2)
    enrol_pushing(province.hub, other.read("root", "root/1"), other.fingerprint)
    await publish_owed(province.hub, lambda: NOW)
    lines = pusher.lines("catalogue", "pub", 0, [0])
    stranger = SigningKey.from_seed(b"s" * 32)
    for method, path, content in (
        ("PUT", "catalogue/body/pub/000", lines),
        ("GET", "catalogue/missing", b""),
        ("PUT", "root/2", b"x"),
    ):
        address = f"{pusher.inbox()}/{path}"
        for key, status in ((stranger, 401), (other.request_key, 403)):
            assert (await pusher.signed(method, address, content, key)).status == status
        unsigned = await pusher.session.request(
            method, f"{pusher.url}/{address}", data=content or None
        )
        assert unsigned.status == 401


async def test_a_signature_over_other_bytes_and_a_replay_are_401(pusher: Pusher) -> None:
    path = f"{pusher.inbox('catalogue')}/body/pub/000"
    lines = pusher.lines("catalogue", "pub", 0, [0])
    headers = pusher.headers("PUT", path, lines)
    for content, status in ((lines + lines, 401), (lines, 401)):
        answer = await pusher.session.put(f"{pusher.url}/{path}", data=content, headers=headers)
        assert answer.status == status
    assert (await answer.json())["code"] == "request.nonce"
    again = pusher.headers("PUT", path, lines)
    for status in (204, 401):
        answer = await pusher.session.put(f"{pusher.url}/{path}", data=lines, headers=again)
        assert answer.status == status
    bare = {name: value for name, value in again.items() if name != "Content-Digest"}
    answer = await pusher.session.put(f"{pusher.url}/{path}", data=lines, headers=bare)
    assert answer.status == 401


@pytest.mark.parametrize(
    "path", ["catalogue/body/to/000", "catalogue/body/pub/0", "fed/body/pub/000", "x/body/pub/000"]
)
async def test_what_is_no_body_file_of_the_unit_is_404(pusher: Pusher, path: str) -> None:
    assert (await pusher.signed("PUT", f"{pusher.inbox()}/{path}", b"x")).status == 404


async def test_a_coding_is_not_taken_for_bodies(pusher: Pusher) -> None:
    path = f"{pusher.inbox('catalogue')}/body/pub/000"
    headers = pusher.headers("PUT", path, b"x") | {"Content-Encoding": "gzip"}
    answer = await pusher.session.put(f"{pusher.url}/{path}", data=b"x", headers=headers)
    assert answer.status == 415


async def test_several_blocks_at_once(pusher: Pusher) -> None:
    puts = [
        pusher.put_bodies("catalogue", tier, block, pusher.lines("catalogue", tier, block, part))
        for tier in ("pub", "hub")
        for block, part in ((0, range(100)), (0, range(50, 256)), (1, range(256, 300)))
    ]
    assert {answer.status for answer in await asyncio.gather(*puts)} == {204}
    assert await pusher.missing("catalogue") == []
    assert (await pusher.add_entries("catalogue", 300, 300)).status == 200


# Root documents.


def root_address(pusher: Pusher, number: int) -> str:
    return f"{pusher.inbox()}/root/{number}"


async def test_the_next_root_document_is_taken_and_obeyed(house: House) -> None:
    _, pusher = house
    node = pusher.node
    node.change_key()
    node.publish(instrument("B-1"))
    assert (await pusher.add_checkpoint()).status == 403
    second = node.read("root", "root/2")
    for _ in range(2):
        assert (await pusher.signed("PUT", root_address(pusher, 2), second)).status == 204
    assert (await pusher.add_checkpoint()).status == 200
    async with pusher.session.get(f"{pusher.url}/m/{origin_hash(node.origin)}/root/2") as answer:
        assert await answer.read() == second


async def test_another_document_of_a_number_that_is_taken_or_not_due_is_409(house: House) -> None:
    _, pusher = house
    for number in (1, 3, 1000):
        assert (await pusher.signed("PUT", root_address(pusher, number), b"x")).status == 409


async def test_a_document_that_does_not_follow_is_422(house: House) -> None:
    _, pusher = house
    first = pusher.node.read("root", "root/1")
    for content in (b"x", first):
        assert (await pusher.signed("PUT", root_address(pusher, 2), content)).status == 422
    assert (await pusher.signed("PUT", root_address(pusher, 2), bytes(70_000))).status == 413


# Enrolment.


async def test_a_unit_that_pushes_is_never_visited(house: House) -> None:
    province, pusher = house
    await pusher.push("catalogue")
    assert await province.sync() == []
    assert pusher.node.asked == []


async def test_who_can_be_visited_may_push_all_the_same(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(*(instrument(f"A-{n}") for n in range(3)))
        await province.sync()
        node.publish(instrument("B-1"))
        async with served(province.hub, province.now) as visitor:
            pusher = Pusher(node, province.hub, visitor.session, province.now)
            assert await pusher.push("catalogue")
        node.publish(instrument("B-2"))
        reports = await province.sync()
    assert [(each.start, each.size) for each in reports] == [(4, 5), (0, 0)]


async def test_a_root_file_of_another_fingerprint_is_refused(tmp_path: Path, house: House) -> None:
    province, _ = house
    other = FakeNode(tmp_path / "u2", number=2)
    with pytest.raises(Refused, match=r"root\.fingerprint"):
        enrol_pushing(province.hub, other.read("root", "root/1"), "0" * 64)


async def test_a_unit_that_becomes_reachable_is_visited_from_then_on(house: House) -> None:
    province, pusher = house
    await pusher.push("catalogue")
    node = pusher.node
    async with node.serving():
        node.clock = lambda: province.now
        await enrolled(province.hub, node)
        node.publish(instrument("B-1"))
        reports = await province.sync()
    assert [(each.log, each.size) for each in reports] == [("catalogue", 301), ("usage", 0)]
