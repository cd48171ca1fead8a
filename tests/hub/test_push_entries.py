"""`add-entries` over sockets: each status of tlog-mirror; broken off, resumed, hostile, at once."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_hub.inbox.log import open_inbox
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.upload import UPLOAD_TYPE, MirrorInfo, Package, UploadHeader
from tests.hub.fake_node import FakeNode, instrument, service
from tests.hub.provinces import Province
from tests.hub.push_house import pushing
from tests.hub.pusher import Pusher, info_of

CATALOGUE = "u1.example/fenhe/catalogue"
SIZE = 600


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[Province, Pusher]]:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(SIZE)))
    async with pushing(tmp_path, node) as house:
        yield house


@pytest.fixture
async def pusher(house: tuple[Province, Pusher]) -> Pusher:
    _, pusher = house
    assert (await pusher.add_checkpoint()).status == 200
    return pusher


def header(start: int, end: int, origin: str = CATALOGUE) -> bytes:
    return UploadHeader(origin, start, end).compose()


def pending(pusher: Pusher) -> int:
    return open_inbox(pusher.hub.home, CATALOGUE).reach(0)


async def next_entry(pusher: Pusher) -> int:
    answer = await pusher.post("add-entries", header(SIZE, SIZE))
    return info_of(await answer.read()).next_entry


async def test_a_whole_upload_is_202_at_its_end_while_bodies_are_missing(pusher: Pusher) -> None:
    answer = await pusher.add_entries("catalogue", 0, SIZE)
    assert (answer.status, info_of(await answer.read())) == (202, MirrorInfo(SIZE, SIZE))
    assert answer.headers["Content-Type"] == "text/x.tlog.mirror-info"
    assert answer.headers["Accept-Encoding"] == "gzip"
    assert len(await pusher.missing("catalogue")) == 2 * SIZE
    again = await pusher.add_entries("catalogue", SIZE, SIZE)
    assert (again.status, info_of(await again.read())) == (202, MirrorInfo(SIZE, SIZE))


async def test_with_the_bodies_it_is_200_with_the_cosignature(pusher: Pusher) -> None:
    await pusher.add_entries("catalogue", 0, SIZE)
    await pusher.send_missing("catalogue")
    answer = await pusher.add_entries("catalogue", SIZE, SIZE)
    assert answer.status == 200
    assert (await answer.text()).startswith("— hub.example/fenhe/m ")
    assert (await pusher.add_entries("catalogue", 512, SIZE)).status == 200


async def test_a_prefix_is_202_and_the_next_goes_on_from_there(pusher: Pusher) -> None:
    whole = pusher.packages("catalogue", 0, SIZE)
    for count, start in ((1, 0), (1, 256), (1, 512)):
        first = start // 256
        answer = await pusher.add_entries("catalogue", start, SIZE, whole[first : first + count])
        reached = min(start + 256, SIZE)
        assert (answer.status, info_of(await answer.read())) == (202, MirrorInfo(SIZE, reached))
    assert len(await pusher.missing("catalogue")) == 2 * SIZE


async def test_nothing_is_served_before_all_of_it_is_there(pusher: Pusher) -> None:
    whole = pusher.packages("catalogue", 0, SIZE)
    await pusher.add_entries("catalogue", 0, SIZE, whole[:2])
    place = f"{pusher.url}/m/{origin_hash(CATALOGUE)}"
    for path in ("checkpoint", "tile/entries/000", "tile/0/000"):
        async with pusher.session.get(f"{place}/{path}") as answer:
            assert answer.status == 404


async def test_what_came_is_dropped_from_the_inbox_once_it_is_taken_in(pusher: Pusher) -> None:
    await pusher.add_entries("catalogue", 0, SIZE)
    inbox = open_inbox(pusher.hub.home, CATALOGUE)
    assert (inbox.reach(0), list(inbox.heads())) == (0, [SIZE])


@pytest.mark.parametrize("cut", [1, 40, 20_000, 70_000])
@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_an_upload_cut_short_counts_as_far_as_it_is_proven(
    pusher: Pusher, cut: int, coding: str
) -> None:
    raw = pusher.upload("catalogue", 0, SIZE)
    sent = gzip.compress(raw[:cut])[:-4] if coding else raw[:cut]
    answer = await pusher.post("add-entries", sent, coding=coding)
    whole = pusher.packages("catalogue", 0, SIZE)
    ends = [len(pusher.upload("catalogue", 0, SIZE, whole[:count])) for count in (1, 2)]
    expected = 256 * sum(end <= cut for end in ends)
    if expected:
        assert (answer.status, info_of(await answer.read())) == (202, MirrorInfo(SIZE, expected))
    else:
        assert answer.status == 400
    assert pending(pusher) == expected


async def test_a_connection_that_breaks_leaves_what_was_proven(pusher: Pusher) -> None:
    raw = pusher.upload("catalogue", 0, SIZE)

    async def broken() -> AsyncIterator[bytes]:
        yield raw[: len(raw) // 2]
        while await next_entry(pusher) < 256:
            pass
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, OSError)):
        await pusher.session.post(
            f"{pusher.url}/add-entries", data=broken(), headers={"Content-Type": UPLOAD_TYPE}
        )
    reached = pending(pusher)
    assert reached in (256, 512)
    assert (await pusher.add_entries("catalogue", reached, SIZE)).status == 202
    assert len(await pusher.missing("catalogue")) == 2 * SIZE


async def test_a_client_that_stops_sending_is_answered(
    house: tuple[Province, Pusher], tmp_path: Path
) -> None:
    province, patient = house
    limits = replace(province.hub.config, visit_seconds=1)
    node = patient.node
    async with pushing(tmp_path / "hasty", node, visit_seconds=limits.visit_seconds) as (_, pusher):
        await pusher.add_checkpoint()
        raw = pusher.upload("catalogue", 0, SIZE)
        stopped = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield raw[: len(raw) // 2]
            await stopped.wait()

        answer = await pusher.session.post(
            f"{pusher.url}/add-entries", data=slow(), headers={"Content-Type": UPLOAD_TYPE}
        )
        assert answer.status == 202
        assert info_of(await answer.read()).next_entry == pending(pusher) == 256
        stopped.set()


async def test_several_clients_at_once_leave_one_history(house: tuple[Province, Pusher]) -> None:
    province, pusher = house
    await pusher.add_checkpoint()
    pusher.node.publish(*(instrument(f"B-{n}") for n in range(100)))
    await pusher.add_checkpoint()
    ends = (SIZE, SIZE + 100, SIZE, SIZE + 100)
    answers = await asyncio.gather(*(pusher.add_entries("catalogue", 0, end) for end in ends))
    assert {answer.status for answer in answers} <= {202, 409}
    assert await pusher.push("catalogue")
    assert len(province.rows("resource")) == SIZE + 100


async def test_the_length_of_a_usage_log_is_told_to_its_unit_alone(
    pusher: Pusher, tmp_path: Path
) -> None:
    node, other = pusher.node, FakeNode(tmp_path / "u2", number=2)
    node.publish(*(service(f"S-{n}") for n in range(3)), log="usage")
    assert await pusher.push("usage")
    for origin in (f"{node.origin}/usage", f"{node.origin}/usage.2", f"{other.origin}/usage"):
        for end in (0, 3, 4):
            answer = await pusher.post("add-entries", header(end, end, origin))
            assert answer.status == 401
    content = header(3, 3, f"{node.origin}/usage")
    stranger = pusher.headers("POST", "add-entries", content, other.request_key)
    answer = await pusher.session.post(
        f"{pusher.url}/add-entries",
        data=content,
        headers=stranger | {"Content-Type": UPLOAD_TYPE},
    )
    assert answer.status == 401
    assert (await pusher.post("add-entries", content, signed=True)).status == 200
    foreign = header(3, 3, f"{other.origin}/usage")
    assert (await pusher.post("add-entries", foreign, signed=True)).status == 403


async def test_a_log_that_no_unit_lists_is_404(pusher: Pusher) -> None:
    for origin in (
        "u2.example/fenhe/catalogue",
        "u1.example/fenhe/fed",
        "nothing",
        "go.sum database tree",
        "u1.example/fenhe/../catalogue",
        "o" * 65_535,
        "/",
    ):
        assert (await pusher.post("add-entries", header(0, 1, origin))).status == 404


async def test_without_a_checkpoint_it_is_422(house: tuple[Province, Pusher]) -> None:
    _, pusher = house
    assert (await pusher.add_entries("catalogue", 0, SIZE)).status == 422


@pytest.mark.parametrize(
    ("start", "end"), [(0, SIZE - 1), (0, SIZE + 1), (0, 2**53), (2**64 - 1, 2**64 - 1)]
)
async def test_an_end_that_is_no_pending_head_is_409(pusher: Pusher, start: int, end: int) -> None:
    answer = await pusher.post("add-entries", header(start, end))
    assert (answer.status, info_of(await answer.read())) == (409, MirrorInfo(SIZE, 0))
    assert answer.headers["Content-Type"] == "text/x.tlog.mirror-info"


async def test_a_start_beyond_the_next_entry_is_409(pusher: Pusher) -> None:
    answer = await pusher.post("add-entries", header(1, SIZE))
    assert (answer.status, info_of(await answer.read())) == (409, MirrorInfo(SIZE, 0))


async def test_an_end_below_the_mirror_is_409(pusher: Pusher) -> None:
    await pusher.add_entries("catalogue", 0, SIZE)
    pusher.node.publish(instrument("B-1"))
    await pusher.add_checkpoint()
    await pusher.add_entries("catalogue", SIZE, SIZE + 1)
    answer = await pusher.post("add-entries", header(SIZE, SIZE))
    assert (answer.status, info_of(await answer.read())) == (409, MirrorInfo(SIZE + 1, SIZE + 1))


async def test_a_former_pending_head_may_still_be_uploaded(pusher: Pusher) -> None:
    pusher.node.publish(instrument("B-1"))
    await pusher.add_checkpoint()
    answer = await pusher.add_entries("catalogue", 0, SIZE)
    assert (answer.status, info_of(await answer.read())) == (202, MirrorInfo(SIZE, SIZE))


async def test_far_too_much_of_what_is_here_is_409(tmp_path: Path) -> None:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument("A-1") for _ in range(17_000)))
    async with pushing(tmp_path, node) as (_, pusher):
        await pusher.add_checkpoint()
        await pusher.add_entries("catalogue", 0, 17_000)
        answer = await pusher.post("add-entries", header(0, 17_000))
        assert (answer.status, info_of(await answer.read())) == (409, MirrorInfo(17_000, 17_000))


@pytest.mark.parametrize("what", ["entry", "hash", "fewer hashes", "order"])
async def test_entries_that_are_not_proven_are_422_and_not_kept(pusher: Pusher, what: str) -> None:
    first, second, third = pusher.packages("catalogue", 0, SIZE)
    bad: dict[str, Package] = {
        "entry": replace(second, entries=(*second.entries[:-1], b"{}")),
        "hash": replace(second, proof=(b"h" * 32, *second.proof[1:])),
        "fewer hashes": replace(second, proof=second.proof[1:]),
        "order": replace(second, entries=first.entries),
    }
    answer = await pusher.add_entries("catalogue", 0, SIZE, [first, bad[what], third])
    assert answer.status == 422
    assert pending(pusher) == 256


async def test_too_long_an_entry_is_422(pusher: Pusher) -> None:
    content = header(0, SIZE) + (1025).to_bytes(2) + bytes(1025)
    assert (await pusher.post("add-entries", content)).status == 422


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x02a", b"\x00\x00" + bytes(18)])
async def test_a_header_that_is_none_is_400(pusher: Pusher, raw: bytes) -> None:
    assert (await pusher.post("add-entries", raw)).status == 400


async def test_other_types_and_codings_are_415(pusher: Pusher) -> None:
    content = pusher.upload("catalogue", 0, SIZE)
    assert (await pusher.post("add-entries", content, kind="text/plain")).status == 415
    assert (await pusher.post("add-entries", content, coding="br")).status == 415


@pytest.mark.parametrize("kind", ["not gzip", "trailing", "two members"])
async def test_gzip_is_one_member_and_nothing_after_it(pusher: Pusher, kind: str) -> None:
    raw = pusher.upload("catalogue", 0, SIZE)[:100]
    sent = {
        "not gzip": raw,
        "trailing": gzip.compress(raw) + b"x",
        "two members": gzip.compress(raw) + gzip.compress(raw),
    }
    assert (await pusher.post("add-entries", sent[kind], coding="gzip")).status == 400


async def test_a_bomb_is_read_no_further_than_it_is_proven(pusher: Pusher) -> None:
    zeros = gzip.compress(header(0, SIZE) + bytes(200_000_000), 9)
    assert (await pusher.post("add-entries", zeros, coding="gzip")).status == 422
