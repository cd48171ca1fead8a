"""The mirror's answers to the letter of tlog-mirror: raw requests, raw answers, every byte."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash
from fenhe_protocol.root_document import cosigner_name
from fenhe_protocol.upload import Package, UploadHeader
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.push_house import pushing
from tests.hub.pusher import Pusher, info_of

CATALOGUE = "u1.example/fenhe/catalogue"
SIZE = 300
INFO = "text/x.tlog.mirror-info"


@pytest.fixture
async def pusher(tmp_path: Path) -> AsyncIterator[Pusher]:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(SIZE)))
    async with pushing(tmp_path, node) as (_, pusher):
        yield pusher


def upload(start: int, end: int, *packages: Package, ticket: bytes = b"") -> bytes:
    head = UploadHeader(CATALOGUE, start, end, ticket).compose()
    return head + b"".join(each.compose() for each in packages)


async def test_add_checkpoint_answers_nothing_and_shows_nothing(pusher: Pusher) -> None:
    answer = await pusher.add_checkpoint()
    assert (answer.status, await answer.read()) == (200, b"")
    shown = f"{pusher.url}/m/{origin_hash(CATALOGUE)}/checkpoint"
    async with pusher.session.get(shown) as served:
        assert served.status == 404


async def test_the_answers_of_an_upload_byte_by_byte(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    first, second = pusher.packages("catalogue", 0, SIZE)
    for content, status, body in (
        (upload(1, SIZE), 409, b"300\n0\n\n"),
        (upload(0, SIZE - 1), 409, b"300\n0\n\n"),
        (upload(0, SIZE, first), 202, b"300\n256\n\n"),
        (upload(257, SIZE), 409, b"300\n256\n\n"),
        (upload(256, SIZE, second, ticket=b"\xff" * 65_535), 202, b"300\n300\n\n"),
        (upload(SIZE, SIZE), 202, b"300\n300\n\n"),
    ):
        answer = await pusher.post("add-entries", content)
        assert (answer.status, await answer.read()) == (status, body)
        assert answer.headers["Content-Type"] == INFO
        assert "gzip" in answer.headers["Accept-Encoding"]


async def test_the_answer_to_a_whole_upload_is_the_line_of_the_served_checkpoint(
    pusher: Pusher,
) -> None:
    await pusher.push("catalogue")
    answer = await pusher.post("add-entries", upload(SIZE, SIZE))
    lines = await answer.read()
    assert (answer.status, answer.content_type) == (200, "text/plain")
    assert lines.startswith("— ".encode()) and lines.endswith(b"\n")
    name = cosigner_name(pusher.hub.origin)
    shown = f"{pusher.url}/m/{origin_hash(CATALOGUE)}/checkpoint"
    async with pusher.session.get(shown) as served:
        raw = await served.read()
    note = parse_note(raw)
    assert "".join(each.line for each in note.signatures if each.name == name).encode() == lines
    # The log's own signature is retained.
    assert raw.startswith(pusher.node.read("catalogue", CHECKPOINT))


@pytest.mark.parametrize("cut", [1, 60, 20_000, -1])
async def test_a_first_package_that_breaks_off_is_400(pusher: Pusher, cut: int) -> None:
    await pusher.add_checkpoint()
    head, first = upload(0, SIZE), pusher.packages("catalogue", 0, SIZE)[0].compose()
    answer = await pusher.post("add-entries", head + first[:cut])
    assert (answer.status, answer.content_type) == (400, "application/problem+json")
    assert (await pusher.post("add-entries", head)).status == 400  # no package at all


@pytest.mark.parametrize("cut", [0, 1, 5000, -1])
async def test_what_follows_the_last_whole_package_is_discarded(pusher: Pusher, cut: int) -> None:
    await pusher.add_checkpoint()
    first, second = (each.compose() for each in pusher.packages("catalogue", 0, SIZE))
    answer = await pusher.post("add-entries", upload(0, SIZE) + first + second[:cut])
    assert (answer.status, await answer.read()) == (202, b"300\n256\n\n")


async def test_bytes_after_the_canonical_sequence_change_nothing(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    packages = pusher.packages("catalogue", 0, SIZE)
    answer = await pusher.post("add-entries", upload(0, SIZE, *packages) + b"x" * 70_000)
    assert (answer.status, await answer.read()) == (202, b"300\n300\n\n")


async def test_more_than_63_hashes_are_refused(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    first = pusher.packages("catalogue", 0, SIZE)[0]
    bare = Package(first.span, first.entries, ()).compose()[:-1]
    content = upload(0, SIZE) + bare + bytes([64]) + bytes(64 * 32)
    assert (await pusher.post("add-entries", content)).status == 422
    assert info_of(await (await pusher.post("add-entries", upload(1, SIZE))).read()).next_entry == 0


async def test_entries_that_are_there_already_are_sent_in_vain_and_do_no_harm(
    pusher: Pusher,
) -> None:
    await pusher.add_checkpoint()
    whole = pusher.packages("catalogue", 0, SIZE)
    for content in (upload(0, SIZE, whole[0]), upload(0, SIZE, *whole), upload(0, SIZE, *whole)):
        assert (await pusher.post("add-entries", content)).status == 202
    other = pusher.packages("catalogue", 100, SIZE)
    answer = await pusher.post("add-entries", upload(100, SIZE, *other))
    assert (answer.status, await answer.read()) == (202, b"300\n300\n\n")


@pytest.mark.parametrize("path", ["add-checkpoint", "add-entries"])
async def test_another_method_is_405(pusher: Pusher, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        async with pusher.session.request(method, f"{pusher.url}/{path}") as answer:
            assert answer.status == 405


@pytest.mark.parametrize("origin", ["go.sum database tree", "u1.example/fenhe/../catalogue", "—"])
async def test_a_log_of_any_name_is_404_where_it_is_unknown(pusher: Pusher, origin: str) -> None:
    text = f"{origin}\n1\n{'A' * 43}=\n".encode()
    line = parse_note(pusher.node.read("catalogue", CHECKPOINT)).signatures[0].line
    content = compose_add_checkpoint(AddCheckpoint(0, (), text + b"\n" + line.encode()))
    assert (await pusher.post("add-checkpoint", content)).status == 404


async def test_signatures_of_unknown_keys_are_ignored(pusher: Pusher) -> None:
    note, _ = pusher.head("catalogue")
    for number in range(200, 240):
        key = SigningKey.from_seed(bytes([number]) * 32)
        # The log's name under another key, and another name.
        name = CATALOGUE if number % 2 else "x.example/y"
        other = sign_checkpoint(Checkpoint(name, 1, bytes(32)), key)
        note += other.split(b"\n\n")[1]
    content = compose_add_checkpoint(AddCheckpoint(0, (), note))
    assert (await pusher.post("add-checkpoint", content)).status == 200
