"""Lines of witnesses on what was pushed, and on a head that waits for its bodies."""

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_client.witness.settings import WitnessSettings
from fenhe_hub.inbox.log import open_inbox
from fenhe_hub.index.places import receipt
from fenhe_hub.index.tables import open_index
from fenhe_hub.mirror.log import MirrorLog
from fenhe_hub.restoring.rebuild import rebuild
from fenhe_protocol.checkpoint import cosign
from fenhe_protocol.keys import COSIGNATURE, SigningKey, VerifierKey
from fenhe_protocol.note import NoteSignature, append_signature
from fenhe_protocol.tiles import body_path
from tests.hub.fake_node import FakeNode, instrument
from tests.hub.provinces import Province, founded
from tests.hub.push_house import NOW, pushing
from tests.hub.pusher import Pusher

CATALOGUE = "u1.example/fenhe/catalogue"
NAME = "w.example/w"
KEY = SigningKey.from_seed(b"w" * 32)
WITNESS = VerifierKey(NAME, COSIGNATURE, KEY.public)
NAMED = (WitnessSettings(WITNESS.text, "https://w.example"),)
DAY = 86_400


@pytest.fixture
async def pusher(tmp_path: Path) -> AsyncIterator[Pusher]:
    node = FakeNode(tmp_path / "u1")
    node.publish(*(instrument(f"A-{n}") for n in range(3)))
    async with pushing(tmp_path, node, witnesses=NAMED) as (_, pusher):
        yield pusher


def show(node: FakeNode, note: bytes) -> None:
    """Let the node show this as its checkpoint."""
    node.path("catalogue", CHECKPOINT).write_bytes(note)


def witness(node: FakeNode, *, at: int, name: str = NAME) -> None:
    show(node, cosign(node.read("catalogue", CHECKPOINT), name=name, key=KEY, now=at))


def received(province: Province | Pusher) -> int | None:
    """When the first leaf counts as delivered."""
    with closing(open_index(province.hub.home.index)) as db:
        (log_no,) = db.execute("SELECT log_no FROM log WHERE origin = ?", [CATALOGUE]).fetchone()
        return receipt(db, log_no, 0)


async def test_a_witnesss_line_that_was_pushed_counts_as_one_that_was_fetched(
    pusher: Pusher,
) -> None:
    witness(pusher.node, at=NOW - DAY)
    assert await pusher.push("catalogue")
    assert received(pusher) == NOW - DAY


async def test_a_line_that_came_while_bodies_were_missing_counts(pusher: Pusher) -> None:
    size = pusher.head("catalogue")[1]
    await pusher.add_checkpoint()
    assert (await pusher.add_entries("catalogue", 0, size)).status == 202
    witness(pusher.node, at=NOW - 60)
    assert await pusher.push("catalogue")
    assert received(pusher) == NOW - 60


async def test_of_a_pushed_note_only_good_lines_of_log_and_named_witnesses_are_kept(
    pusher: Pusher,
) -> None:
    node, (plain, size) = pusher.node, pusher.head("catalogue")
    witness(node, at=NOW - 60, name="other.example/w")
    bad = NoteSignature(NAME, WITNESS.key_id, bytes(72))
    show(node, append_signature(node.read("catalogue", CHECKPOINT), bad))
    assert (await pusher.add_checkpoint()).status == 200
    assert open_inbox(pusher.hub.home, CATALOGUE).heads()[size].note == plain
    show(node, plain)
    witness(node, at=NOW - 60)
    pusher.known["catalogue"] = size
    assert (await pusher.add_checkpoint()).status == 200
    kept = open_inbox(pusher.hub.home, CATALOGUE).heads()[size].note
    assert kept == node.read("catalogue", CHECKPOINT)
    # Another copy without the line takes nothing away.
    show(node, plain)
    assert (await pusher.add_checkpoint()).status == 200
    assert open_inbox(pusher.hub.home, CATALOGUE).heads()[size].note == kept


async def test_a_visited_head_that_waits_for_bodies_takes_a_later_line_up(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, 1) as province:
        [node] = province.nodes
        hub = province.hub
        province.hub = replace(hub, config=replace(hub.config, witnesses=NAMED))
        node.publish(*(instrument(f"A-{n}") for n in range(3)))
        hidden = node.path("catalogue", body_path("hub", 0))
        body = hidden.read_bytes()
        hidden.unlink()
        await province.sync()
        assert received(province) is None
        witness(node, at=province.now + 30)
        hidden.write_bytes(body)
        await province.sync(DAY)
        assert received(province) == province.now - DAY + 30
        verified = MirrorLog(hub.home, CATALOGUE).verified()
        assert verified == node.read("catalogue", CHECKPOINT)
        before = province.dump()
        rebuild(province.hub)
        assert province.dump() == before
