"""The inbox beside the mirror: what it holds, how far it reaches, what is swept away."""

from pathlib import Path

import pytest

from fenhe_hub.desk.enrolling import enrol_pushing
from fenhe_hub.hub import Hub
from fenhe_hub.inbox.log import MOST_HEADS, Inbox, PendingHead, open_inbox
from fenhe_hub.inbox.sweep import KEPT_SECONDS, sweep_inboxes
from fenhe_protocol.checkpoint import Checkpoint, sign_checkpoint
from fenhe_protocol.errors import StoreError
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import new_hub

ENTRIES = [b"entry %d" % number for number in range(256)]


@pytest.fixture
def node(tmp_path: Path) -> FakeNode:
    return FakeNode(tmp_path / "u1")


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox", log="usage")


def head_of(node: FakeNode, size: int, origin: str = "") -> PendingHead:
    checkpoint = Checkpoint(origin or f"{node.origin}/usage", size, b"r" * 32)
    return PendingHead(checkpoint, sign_checkpoint(checkpoint, node.log_key))


def test_heads_are_there_by_size(inbox: Inbox, node: FakeNode) -> None:
    for size in (20, 3, 100):
        inbox.put_head(head_of(node, size), verified=0)
    assert list(inbox.heads()) == [3, 20, 100]
    assert inbox.heads()[20] == head_of(node, 20)


def test_heads_below_the_verified_one_and_too_many_go(inbox: Inbox, node: FakeNode) -> None:
    for size in range(1, 50):
        inbox.put_head(head_of(node, size), verified=0)
    assert list(inbox.heads()) == list(range(50 - MOST_HEADS, 50))
    inbox.put_head(head_of(node, 60), verified=48)
    assert list(inbox.heads()) == [48, 49, 60]


def test_a_head_that_is_damaged_is_said(inbox: Inbox, node: FakeNode, tmp_path: Path) -> None:
    inbox.put_head(head_of(node, 3), verified=0)
    (tmp_path / "inbox" / "heads" / "3").write_bytes(b"")
    with pytest.raises(StoreError, match=r"store\.damaged"):
        inbox.heads()


def test_the_widest_part_of_a_block_counts(inbox: Inbox) -> None:
    for width in (5, 200, 17):
        inbox.put_entries(1, ENTRIES[:width])
    assert inbox.entries(1) == ENTRIES[:200]
    inbox.put_entries(1, ENTRIES)
    assert inbox.entries(1) == ENTRIES
    assert inbox.entries(0) == []


def test_it_reaches_as_far_as_there_is_no_hole(inbox: Inbox) -> None:
    assert inbox.reach(300) == 300
    inbox.put_entries(2, ENTRIES)
    assert inbox.reach(300) == 300
    inbox.put_entries(1, ENTRIES[:40])
    assert inbox.reach(300) == 300
    inbox.put_entries(1, ENTRIES[:80])
    assert inbox.reach(300) == 256 + 80
    inbox.put_entries(1, ENTRIES)
    inbox.put_entries(3, ENTRIES[:1])
    assert inbox.reach(300) == 3 * 256 + 1


def test_what_the_mirror_has_goes(inbox: Inbox, node: FakeNode) -> None:
    inbox.put_entries(0, ENTRIES)
    inbox.put_entries(1, ENTRIES[:44])
    inbox.put_entries(1, ENTRIES[:60])
    for size in (100, 300, 316):
        inbox.put_head(head_of(node, size), verified=0)
    inbox.settle(300)
    assert (inbox.entries(0), len(inbox.entries(1)), list(inbox.heads())) == ([], 60, [300, 316])


@pytest.fixture
def hub(tmp_path: Path, node: FakeNode) -> Hub:
    hub = new_hub(tmp_path / "hub")
    enrol_pushing(hub, node.read("root", "root/1"), node.fingerprint)
    return hub


def test_the_sweep_takes_what_no_known_unit_pushed(hub: Hub, node: FakeNode) -> None:
    kept, gone = (open_inbox(hub.home, f"{unit}/usage") for unit in (node.origin, "u9.example/x"))
    kept.put_head(head_of(node, 3), verified=0)
    gone.put_head(head_of(node, 3, "u9.example/x/usage"), verified=0)
    (hub.home.path / "inbox" / "stray").mkdir()
    assert sweep_inboxes(hub, START) == 2
    assert (list(kept.heads()), list(gone.heads())) == ([3], [])


def test_the_sweep_takes_entries_that_nobody_goes_on_with(hub: Hub, node: FakeNode) -> None:
    inbox = open_inbox(hub.home, f"{node.origin}/usage")
    inbox.put_head(head_of(node, 300), verified=0)
    inbox.put_entries(0, ENTRIES)
    now = int(inbox.changed_at())
    assert sweep_inboxes(hub, now + KEPT_SECONDS - 10) == 0
    assert inbox.reach(0) == 256
    assert sweep_inboxes(hub, now + KEPT_SECONDS + 10) == 1
    assert (inbox.reach(0), list(inbox.heads())) == (0, [300])


def test_a_sweep_before_the_first_push_does_nothing(hub: Hub) -> None:
    assert sweep_inboxes(hub, START) == 0
    (hub.home.path / "inbox").rmdir()
    assert sweep_inboxes(hub, START) == 0
