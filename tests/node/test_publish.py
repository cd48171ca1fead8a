from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import fenhe_node.publishing.changes
from fenhe_client.writing.feed_writer import SECONDS_BETWEEN, Writing, new_record
from fenhe_node.node import Node
from fenhe_node.publishing.changes import Planned, changes, plan
from fenhe_node.publishing.heads import log_files, verify_head
from fenhe_node.publishing.publish import show_life
from fenhe_node.store import Store, publishes
from fenhe_protocol.body import commitment, decode_salt
from fenhe_protocol.entry import Entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import HeartbeatLeaf, RecordLeaf, parse_leaf
from fenhe_protocol.origin import log_origin
from fenhe_protocol.strict_json import dumps
from fenhe_protocol.tiles import EntryBundle, decode_bundle
from tests.node.homes import (
    NOW,
    ORIGIN,
    UNIT,
    Clock,
    bodies,
    instrument,
    lines,
    new_node,
    pen,
    publish_all,
    put,
    service,
)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def leaves(node: Node, log: str, size: int) -> list[Any]:
    raw = log_files(node.home, log).read(EntryBundle(0, size).path)
    assert raw is not None
    entries = decode_bundle(raw, size, max_entry=1024)
    return [parse_leaf(entry, index=n, log=log) for n, entry in enumerate(entries)]


def ids(node: Node, size: int) -> list[str]:
    return sorted(body["id"] for body in bodies(node, "catalogue", "pub", size))


def test_each_record_is_one_leaf_that_binds_the_body_of_each_tier(node: Node) -> None:
    put(node, [instrument("A-1", value_yuan=3_200_000), instrument("A-2")])
    done = publish_all(node, Clock())
    assert done.leaves == {"catalogue": 3, "usage": 0}
    assert done.kinds == {"unit": 1, "instrument": 2}
    head = verify_head(node.home, node.root, "catalogue")
    found = leaves(node, "catalogue", head.size)
    for tier in ("pub", "hub"):
        for line in lines(node, "catalogue", tier, head.size):
            leaf = found[line.index]
            assert isinstance(leaf, RecordLeaf)
            origin = log_origin(ORIGIN, "catalogue")
            bound = commitment(origin, tier, decode_salt(line.salt), line.body)
            assert leaf.commitments[tier] == bound


def test_what_only_the_hub_may_see_is_not_in_the_public_body(node: Node) -> None:
    put(node, [instrument("A-1", value_yuan=3_200_000)])
    publish_all(node, Clock())
    [public] = [b for b in bodies(node, "catalogue", "pub", 2) if b["id"] == "A-1"]
    [held] = bodies(node, "catalogue", "hub", 2)
    assert "value_yuan" not in public
    assert held == {"unit": UNIT, "kind": "instrument", "id": "A-1", "value_yuan": 3_200_000}


def test_what_stays_in_the_unit_is_in_no_body(node: Node) -> None:
    person = {"name": "示例联系人", "phone": "000-0000-0000"}
    put(node, [instrument("A-1", contact_person=person)])
    publish_all(node, Clock())
    written = [*lines(node, "catalogue", "pub", 2), *lines(node, "catalogue", "hub", 2)]
    assert not any("示例联系人".encode() in line.body for line in written)


def test_service_records_go_into_the_log_that_only_the_hub_reads(node: Node) -> None:
    put(node, [service("S-1"), service("S-2")])
    done = publish_all(node, Clock())
    assert done.leaves["usage"] == 2
    assert [b["id"] for b in bodies(node, "usage", "hub", 2)] == ["S-1", "S-2"]
    assert not (node.home.public / "usage").exists()


def test_nothing_new_is_no_publish(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    before = log_files(node.home, "catalogue").read("checkpoint")
    clock.at += 3600
    assert sum(publish_all(node, clock).leaves.values()) == 0
    assert log_files(node.home, "catalogue").read("checkpoint") == before


def test_an_edited_record_is_one_new_leaf(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1"), instrument("A-2")])
    publish_all(node, clock)
    put(node, [instrument("A-1", model="EX-400"), instrument("A-2")])
    done = publish_all(node, clock)
    assert done.leaves == {"catalogue": 1, "usage": 0}
    assert bodies(node, "catalogue", "pub", 4)[-1]["model"] == "EX-400"


def test_a_tier_that_has_nothing_left_to_say_says_so(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", value_yuan=3_200_000)])
    publish_all(node, clock)
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    assert bodies(node, "catalogue", "hub", 3)[-1] == {
        "unit": UNIT,
        "kind": "instrument",
        "id": "A-1",
    }


@pytest.mark.parametrize(("fields", "tiers"), [({}, {"pub"}), ({"value_yuan": 1}, {"pub", "hub"})])
def test_a_deletion_goes_into_every_tier_that_ever_had_the_record(
    node: Node, fields: dict[str, Any], tiers: set[str]
) -> None:
    clock = Clock()
    put(node, [instrument("A-1", **fields)])
    publish_all(node, clock)
    gone = {"on": "2026-11-23", "reason": "scrapped"}
    put(node, [{"unit": UNIT, "kind": "instrument", "id": "A-1", "deleted": gone}])
    publish_all(node, clock)
    deletions = {
        tier
        for tier in ("pub", "hub")
        for body in bodies(node, "catalogue", tier, 3)
        if body.get("deleted") == gone
    }
    assert deletions == tiers


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"status": "splendid"}, "schema"),
        ({"user_notice": "联系电话 13800000000"}, "privacy"),
        ({"unit": "11100000000000011A"}, "unit"),
        ({"function": "长" * 2001}, "schema"),
    ],
)
def test_a_wrong_record_keeps_only_itself_from_being_published(
    node: Node, wrong: dict[str, Any], code: str
) -> None:
    put(node, [instrument("A-1"), instrument("A-2", **wrong), instrument("A-3")])
    done = publish_all(node, Clock())
    assert [(refusal.id, refusal.code) for refusal in done.refused] == [("A-2", code)]
    published = {body["id"] for body in bodies(node, "catalogue", "pub", 3)}
    assert published == {UNIT, "A-1", "A-3"}
    assert not any("13800000000" in refusal.line() for refusal in done.refused)


def test_a_second_publish_waits_for_the_ten_seconds_to_pass(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    clock.at += 3
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    assert clock.waited == [SECONDS_BETWEEN - 3]


def test_a_clock_set_back_between_publishes_loses_nothing(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    clock.at -= 400 * 86_400
    put(node, [instrument("A-2")], at=clock.at)
    publish_all(node, clock)
    clock.at = NOW + 60
    put(node, [instrument("A-3")], at=clock.at)
    publish_all(node, clock)
    assert clock.waited == []
    size = verify_head(node.home, node.root, "catalogue").size
    assert ids(node, size) == [UNIT, "A-1", "A-2", "A-3"]


def test_a_failed_publish_leaves_the_one_before_whole(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    before = log_files(node.home, "catalogue").read("checkpoint")
    clock.at += 60
    put(node, [instrument("A-2")])
    bundles = node.home.public / "catalogue" / "tile" / "entries"
    aside = bundles.with_name("aside")
    bundles.rename(aside)
    bundles.write_text("a file where a folder should be")
    with pytest.raises(StoreError):
        publish_all(node, clock)
    bundles.unlink()
    aside.rename(bundles)
    assert log_files(node.home, "catalogue").read("checkpoint") == before
    verify_head(node.home, node.root, "catalogue")
    done = publish_all(node, clock)
    assert done.sizes["catalogue"] == 3
    assert ids(node, 3) == [UNIT, "A-1", "A-2"]


@pytest.mark.parametrize("signed", [True, False])
def test_a_plan_is_settled_by_the_log_alone(node: Node, signed: bool) -> None:
    clock = Clock()
    publish_all(node, clock)
    put(node, [instrument("A-1")])
    with Store.open(node.home.store) as store:
        [change] = changes(store)
        plan(store, [Planned("instrument", "A-1", change.sent, frozenset({"pub"}), "catalogue", 1)])
    writer = pen(node, clock).writer("catalogue")
    if signed:
        entry = new_record(writer.origin, {"pub": dumps(instrument("A-1"))})
        writer.publish([entry], key=node.keys, now=clock.now())
    # Killed here: the store has not heard how it went.
    done = publish_all(node, clock)
    assert done.leaves["catalogue"] == (0 if signed else 1)
    assert ids(node, done.sizes["catalogue"]) == [UNIT, "A-1"]


def test_without_the_store_of_heads_nothing_is_signed(node: Node) -> None:
    put(node, [instrument("A-1")])
    publish_all(node, Clock())
    node.home.heads.unlink()
    put(node, [instrument("A-2")])
    with pytest.raises(StoreError) as refused:
        publish_all(node, Clock(NOW + 60))
    assert refused.value.code == "head.lost"


def test_a_heartbeat_says_when_and_what_was_seen_of_the_hub(node: Node) -> None:
    clock = Clock()
    seen = [("hub.example/fed", 812, bytes(32))]
    show_life(pen(node, clock), seen)
    head = verify_head(node.home, node.root, "catalogue")
    [leaf] = leaves(node, "catalogue", head.size)
    assert leaf == HeartbeatLeaf(NOW, tuple(seen))


def test_what_is_written_in_portions_is_one_head_and_the_same_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, parted = new_node(tmp_path / "whole"), new_node(tmp_path / "parted")
    many = [instrument(f"A-{n}", value_yuan=n) for n in range(300)]
    many += [service(f"S-{n}") for n in range(300)]
    put(whole, many)
    put(parted, many)
    publish_all(whole, Clock())
    monkeypatch.setattr(fenhe_node.publishing.changes, "PORTION", 70)
    done = publish_all(parted, Clock())
    assert done.leaves == {"catalogue": 301, "usage": 300}
    for log, tier in (("catalogue", "pub"), ("catalogue", "hub"), ("usage", "hub")):
        assert bodies(parted, log, tier, 400) == bodies(whole, log, tier, 400)
    for log, size in done.sizes.items():
        assert verify_head(parted.home, parted.root, log).size == size
    assert publish_all(parted, Clock(NOW + 60)).leaves == {"catalogue": 0, "usage": 0}
    with Store.open(parted.home.store) as store:
        (run,) = publishes.latest(store)
    assert run.leaves == 601


def test_a_publish_that_dies_between_two_portions_has_written_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = new_node(tmp_path / "home")
    put(node, [instrument(f"A-{n}", value_yuan=n) for n in range(300)])
    append, appended = Writing.append, list[int]()

    def die(writing: Writing, entries: Sequence[Entry]) -> None:
        if appended:
            raise KeyboardInterrupt
        appended.append(len(entries))
        append(writing, entries)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fenhe_node.publishing.changes, "PORTION", 70)
        patch.setattr(Writing, "append", die)
        publish_all(node, Clock())
    assert verify_head(node.home, node.root, "catalogue").size == 0
    assert publish_all(node, Clock(NOW + 60)).leaves["catalogue"] == 301
    assert verify_head(node.home, node.root, "catalogue").size == 301
