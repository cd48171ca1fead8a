"""Two copies of one node, as a snapshot of its machine leaves them, sign and push in turn.

The hub cosigns what one of them signed and nothing of the other; each copy is told what is wrong.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fenhe_client.stored.files import CHECKPOINT
from fenhe_hub.home import Home
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.log import MirrorLog
from fenhe_node.hubs.looking import look, standing_alarms
from fenhe_node.hubs.push import Pushed, push_hubs
from fenhe_node.node import Node, open_node
from fenhe_node.operations.options import now
from fenhe_node.publishing.heads import log_files
from fenhe_protocol.note import parse_note
from tests.federation.province import Province, province_in
from tests.federation.push_house import ORIGIN, found_pusher, publish, sign
from tests.node.homes import instrument

CATALOGUE = f"{ORIGIN}/catalogue"


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Province]:
    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        yield province


def pushed(node: Node) -> Pushed | None:
    """What a push of the catalogue came to; None where nothing was due."""
    done = asyncio.run(push_hubs(node, now))
    return next((each for each in done if each.log == "catalogue"), None)


def code_of(done: Pushed | None) -> str:
    if done is None or done.error is None:
        return ""
    assert "restore" in done.error.advice, done.error
    return done.error.code


def cosigned_texts(province: Province) -> set[bytes]:
    notes = MirrorLog(Home(province.home("hub")), CATALOGUE).notes
    return {parse_note(each.file.read_bytes()).text for each in kept_notes(notes)}


def alarms(node: Node) -> set[str]:
    asyncio.run(look(node, now))
    return {alarm.error.code for alarm in standing_alarms(node.home, now())}


def text_of(node: Node) -> bytes:
    return parse_note(log_files(node.home, "catalogue").read(CHECKPOINT) or b"").text


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        # Of the same size, and of a size that is known: the two notes are the proof of a fork.
        (1, 1, [("", "push.quarantined"), ("push.quarantined", "push.quarantined")]),
        (2, 1, [("", "push.ahead"), ("push.quarantined", "push.quarantined")]),
        # A larger head that does not follow proves nothing: anybody may spoil a proof.
        (1, 2, [("", "push.forked"), ("", "push.forked")]),
    ],
)
def test_two_copies_never_have_both_their_heads_cosigned(
    province: Province, first: int, second: int, codes: list[tuple[str, str]]
) -> None:
    node = found_pusher(province)
    sign(node, [instrument("A-1")], minutes_ago=20)
    publish(province)
    shutil.copytree(node.home.path, province.folder / "copy")
    copy = open_node(province.folder / "copy")
    sign(node, [instrument(f"B-{n}") for n in range(first)], minutes_ago=10)
    sign(copy, [instrument(f"C-{n}") for n in range(second)], minutes_ago=10)
    before = cosigned_texts(province)
    assert (code_of(pushed(node)), code_of(pushed(copy))) == codes[0]
    assert cosigned_texts(province) - before == {text_of(node)}
    # Both go on, and each has signed more when it comes again.
    sign(node, [instrument("D-1")], minutes_ago=5)
    sign(copy, [instrument("E-1")], minutes_ago=5)
    assert (code_of(pushed(node)), code_of(pushed(copy))) == codes[1]
    assert text_of(copy) not in cosigned_texts(province)
    # The honest copy has all its receipts: only an alarm tells its people that nothing goes on.
    assert ("hub.quarantined" in alarms(node)) is (codes[1][0] == "push.quarantined")
    assert {"hub.quarantined", "hub.other-tree"} & alarms(copy)
