"""`add-checkpoint` over sockets: each status of tlog-witness, and what is remembered of it."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.agenda.visits import Visits
from fenhe_hub.inbox.log import open_inbox
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.witness import AddCheckpoint, compose_add_checkpoint
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.houses import served
from tests.hub.provinces import founded
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher

CATALOGUE = "u1.example/fenhe/catalogue"


@pytest.fixture
async def pusher(tmp_path: Path) -> AsyncIterator[Pusher]:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(3)))
    async with pushing(tmp_path, node) as (_, pusher):
        yield pusher


def submission(note: bytes, old: int = 0, proof: tuple[bytes, ...] = ()) -> bytes:
    return compose_add_checkpoint(AddCheckpoint(old, proof, note))


def signed(pusher: Pusher, size: int, root: bytes, origin: str = CATALOGUE) -> bytes:
    return sign_checkpoint(Checkpoint(origin, size, root), pusher.node.log_key)


async def test_a_good_one_is_answered_by_nothing_and_kept_with_the_logs_signature(
    pusher: Pusher,
) -> None:
    answer = await pusher.add_checkpoint()
    assert (answer.status, await answer.read()) == (200, b"")
    note, size = pusher.head("catalogue")
    assert open_inbox(pusher.hub.home, CATALOGUE).heads()[size].note == note


async def test_what_strangers_appended_is_not_kept(pusher: Pusher) -> None:
    note, size = pusher.head("catalogue")
    other = sign_checkpoint(
        Checkpoint("x.example/y", 1, b"r" * 32), SigningKey.from_seed(bytes(32))
    )
    line = other.split(b"\n\n")[1]
    assert (await pusher.post("add-checkpoint", submission(note + line))).status == 200
    assert open_inbox(pusher.hub.home, CATALOGUE).heads()[size].note == note


async def test_the_same_head_again_is_good(pusher: Pusher) -> None:
    for _ in range(2):
        assert (await pusher.add_checkpoint()).status == 200


async def test_a_later_head_follows_by_its_proof(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    pusher.node.publish(instrument("A-4"))
    assert (await pusher.add_checkpoint()).status == 200
    assert list(open_inbox(pusher.hub.home, CATALOGUE).heads()) == [3, 4]


async def test_another_old_size_is_409_with_the_size_known(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    pusher.known.clear()
    pusher.node.publish(instrument("A-4"))
    answer = await pusher.add_checkpoint()
    assert (answer.status, await answer.read()) == (409, b"3\n")
    assert answer.headers["Content-Type"] == "text/x.tlog.size"


@pytest.mark.parametrize(
    "origin",
    ["u1.example/fenhe/fed", "u1.example/fenhe/nothing", "u2.example/fenhe/catalogue", "x"],
)
async def test_a_log_that_no_enrolled_unit_lists_is_404(pusher: Pusher, origin: str) -> None:
    answer = await pusher.post("add-checkpoint", submission(signed(pusher, 1, b"r" * 32, origin)))
    assert answer.status == 404


async def test_a_key_that_the_root_documents_do_not_list_is_403(pusher: Pusher) -> None:
    stranger = SigningKey.from_seed(b"s" * 32)
    note = sign_checkpoint(Checkpoint(CATALOGUE, 5, b"r" * 32), stranger)
    assert (await pusher.post("add-checkpoint", submission(note))).status == 403


async def test_a_bad_line_by_a_known_key_is_403(pusher: Pusher) -> None:
    good = signed(pusher, 5, b"r" * 32)
    bad = good.replace(b"\n5\n", b"\n6\n")
    assert (await pusher.post("add-checkpoint", submission(bad))).status == 403


@pytest.mark.parametrize("raw", [b"", b"old 1", b"old 01\n\n", b"new 1\n\nx\n", b"x" * 70_000])
async def test_what_is_no_submission_is_400_or_413(pusher: Pusher, raw: bytes) -> None:
    answer = await pusher.post("add-checkpoint", raw)
    assert answer.status == (413 if len(raw) > 69_000 else 400)


async def test_an_old_size_above_the_new_one_is_400(pusher: Pusher) -> None:
    note, _ = pusher.head("catalogue")
    assert (await pusher.post("add-checkpoint", submission(note, old=9))).status == 400


async def test_a_proof_that_does_not_verify_is_422(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    note = signed(pusher, 9, b"r" * 32)
    content = submission(note, old=3, proof=(b"p" * 32, b"q" * 32))
    assert (await pusher.post("add-checkpoint", content)).status == 422
    assert list(open_inbox(pusher.hub.home, CATALOGUE).heads()) == [3]


async def test_an_empty_tree_has_one_root_only(pusher: Pusher) -> None:
    for root, status in ((b"r" * 32, 422), (EMPTY_ROOT, 200)):
        answer = await pusher.post("add-checkpoint", submission(signed(pusher, 0, root)))
        assert answer.status == status


async def test_two_roots_of_one_size_are_a_fork_and_stop_the_log(pusher: Pusher) -> None:
    await pusher.add_checkpoint()
    note = signed(pusher, 3, b"f" * 32)
    assert (await pusher.post("add-checkpoint", submission(note, old=3))).status == 422
    home = pusher.hub.home
    assert is_quarantined(home, CATALOGUE)
    kept = {file.read_bytes() for file in home.evidence(CATALOGUE).glob("*.note")}
    assert kept == {note, pusher.node.read("catalogue", CHECKPOINT)}
    with closing(Visits(home.visits)) as visits:
        assert visits.get(CATALOGUE).outcome == "quarantine"
    assert (await pusher.add_checkpoint()).status == 403
    assert (await pusher.add_entries("catalogue", 0, 3)).status == 403
    assert (await pusher.signed("GET", f"{pusher.inbox('catalogue')}/missing")).status == 403


@pytest.mark.parametrize("is_read", [False, True])
async def test_another_root_of_a_former_size_is_a_fork_too(pusher: Pusher, is_read: bool) -> None:
    """Known from a pending head, or from the mirror's tree at any size below."""
    await pusher.add_checkpoint()
    pusher.node.publish(instrument("A-4"), instrument("A-5"))
    await pusher.add_checkpoint()
    if is_read:
        assert await pusher.push("catalogue")
    note = signed(pusher, 4 if is_read else 3, b"f" * 32)
    answer = await pusher.post("add-checkpoint", submission(note))
    # To the letter of tlog-witness all the same: the size comes first.
    assert (answer.status, await answer.read()) == (409, b"5\n")
    home = pusher.hub.home
    assert is_quarantined(home, CATALOGUE)
    assert note in {file.read_bytes() for file in home.evidence(CATALOGUE).iterdir()}
    assert (await pusher.add_checkpoint()).status == 403


async def test_a_former_head_shown_again_is_no_fork(pusher: Pusher) -> None:
    first, _ = pusher.head("catalogue")
    await pusher.add_checkpoint()
    pusher.node.publish(instrument("A-4"))
    for _ in range(2):
        assert (await pusher.post("add-checkpoint", submission(first))).status in (200, 409)
        assert await pusher.push("catalogue")
    assert not is_quarantined(pusher.hub.home, CATALOGUE)


async def test_many_heads_leave_only_the_last_ones(pusher: Pusher) -> None:
    for number in range(40):
        pusher.node.publish(instrument(f"B-{number}"))
        assert (await pusher.add_checkpoint()).status == 200
    sizes = list(open_inbox(pusher.hub.home, CATALOGUE).heads())
    assert sizes == list(range(12, 44))


async def test_a_unit_that_is_suspended_is_404(pusher: Pusher) -> None:
    file = pusher.hub.home.registry_file
    file.write_text(file.read_text().replace("state: enrolled", "state: suspended"))
    assert (await pusher.add_checkpoint()).status == 404


async def test_a_push_that_contradicts_what_was_visited_is_a_fork(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(*(instrument(f"A-{n}") for n in range(3)))
        async with served(province.hub, NOW) as visitor:
            pusher = Pusher(node, province.hub, visitor.session, NOW)
            other = signed(pusher, 2, b"o" * 32)
            assert (await pusher.post("add-checkpoint", submission(other))).status == 200
            await province.sync()
            pusher.known["catalogue"] = 3
            assert (await pusher.add_checkpoint()).status == 403
        assert is_quarantined(province.hub.home, CATALOGUE)
        assert [row["quarantined"] for row in province.rows("log")] == [1, 0]


async def test_the_mirror_signs_no_subtrees(pusher: Pusher) -> None:
    answer = await pusher.post("sign-subtree", b"subtree 0 1\n")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_who_can_be_visited_is_told_to_the_planner(tmp_path: Path) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        async with served(province.hub, NOW) as visitor:
            told: list[str] = []
            visitor.serving.doorbell.listen(visit=told.append, say=told.append)
            pusher = Pusher(node, province.hub, visitor.session, NOW)
            for _ in range(2):  # the second brings nothing new
                assert (await pusher.add_checkpoint()).status == 200
            assert told == [CATALOGUE]
