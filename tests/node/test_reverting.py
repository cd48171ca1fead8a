"""The last publish taken back by another one."""

from pathlib import Path

import pytest

from fenhe_node.deletion import delete
from fenhe_node.node import Node
from fenhe_node.publishing.publish import publish, recover
from fenhe_node.reverting import make_hand, plan_revert, revert
from fenhe_node.store import Store, publishes, records
from fenhe_node.store.publishes import Part
from fenhe_protocol.errors import InputError
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import Clock, bodies, instrument, new_node, pen, put, service

SCHEMAS = SchemaSet.load()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def record(node: Node, kind: str, id: str) -> records.StoredRecord:
    with Store.open(node.home.store) as store:
        found = records.find(store, kind, id)
    assert found is not None
    return found


def steps(node: Node, clock: Clock) -> dict[str, str]:
    with Store.open(node.home.store) as store:
        hand = make_hand(pen(node, clock), SCHEMAS, "王管理")
        return {step.id: step.what for step in plan_revert(node.home, store, hand).steps}


def take_back(node: Node, clock: Clock) -> int:
    """Take the last publish back; how many leaves that wrote."""
    hand = make_hand(pen(node, clock), SCHEMAS, "王管理")
    with Store.open(node.home.store) as store:
        number = plan_revert(node.home, store, hand).run.number
    _, done = revert(pen(node, clock), hand, number)
    return sum(done.leaves.values())


def test_what_was_changed_new_and_deleted_is_as_it_was(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", value_yuan=500_000), instrument("A-2"), service("S-1")])
    publish(pen(node, clock), SCHEMAS)
    clock.at += 60
    person = {"contact_person": {"name": "李示例"}}
    put(node, [instrument("A-1", model="WRONG", **person), instrument("A-3")])
    with Store.open(node.home.store) as store:
        delete(store, "instrument", "A-2", "scrapped", schemas=SCHEMAS, now=clock.now())
    size = publish(pen(node, clock), SCHEMAS).sizes["catalogue"]
    clock.at += 60
    assert steps(node, clock) == {"A-1": "back", "A-2": "undelete", "A-3": "delete"}
    assert take_back(node, clock) == 3
    former = record(node, "instrument", "A-1").record
    assert former["value_yuan"] == 500_000 and "model" not in former
    assert former["contact_person"] == {"name": "李示例"}, "what never left is not taken back"
    said = bodies(node, "catalogue", "pub", size + 3)[-3:]
    assert {body["id"]: body.get("deleted", {}).get("reason") for body in said} == {
        "A-1": None, "A-2": None, "A-3": "error"
    }  # fmt: skip


def test_a_revert_is_a_publish_and_can_be_reverted(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish(pen(node, clock), SCHEMAS)
    put(node, [instrument("A-1", model="EX-2")])
    clock.at += 60
    publish(pen(node, clock), SCHEMAS)
    for model in (None, "EX-2", None):
        clock.at += 60
        assert take_back(node, clock) == 1
        assert record(node, "instrument", "A-1").record.get("model") == model


def test_what_was_changed_since_is_left_alone_and_not_published_either(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1"), instrument("A-2")])
    publish(pen(node, clock), SCHEMAS)
    put(node, [instrument("A-1", model="EX-3")])
    clock.at += 60
    assert steps(node, clock)["A-1"] == "changed"
    assert steps(node, clock)["A-2"] == "delete"
    take_back(node, clock)
    assert record(node, "instrument", "A-1").record["model"] == "EX-3"
    clock.at += 60
    assert publish(pen(node, clock), SCHEMAS).kinds == {"instrument": 1}


def test_where_nothing_was_published_nothing_is_taken_back(node: Node) -> None:
    with Store.open(node.home.store) as store, pytest.raises(InputError) as refused:
        plan_revert(node.home, store, make_hand(pen(node, Clock()), SCHEMAS, ""))
    assert refused.value.code == "revert.nothing"


def test_a_publish_that_was_killed_before_it_signed_never_was(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    size = publish(pen(node, clock), SCHEMAS).sizes["catalogue"]
    with Store.open(node.home.store) as store:
        run = publishes.begin(store, clock.now(), "", "publish")
        publishes.plan_part(store, run, Part("catalogue", size, size + 3))
    recover(pen(node, clock))
    assert steps(node, clock)["A-1"] == "delete"


def test_only_the_publish_that_was_looked_at_is_taken_back(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish(pen(node, clock), SCHEMAS)
    put(node, [instrument("A-2")])
    clock.at += 60
    publish(pen(node, clock), SCHEMAS)
    with pytest.raises(InputError) as refused:
        revert(pen(node, clock), make_hand(pen(node, clock), SCHEMAS, ""), 1)
    assert refused.value.code == "revert.other"
