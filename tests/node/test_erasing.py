"""A record is erased for good: what stays says nothing of it, and everything still verifies."""

from pathlib import Path
from typing import Any

import pytest

from fenhe_client.writing.erasing import stored_erasures
from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.erasing.retention import expire
from fenhe_node.fates import Fate, RowFate
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files, verify_head
from fenhe_node.publishing.publish import recover
from fenhe_node.store import Store, imports, records
from fenhe_node.store.erased import is_erased
from fenhe_node.store.imports import Run
from fenhe_protocol.errors import InputError
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import (
    NOW,
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

SECRET = "恒温振荡培养箱甲乙丙"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def raw_scan(folder: Path, *needles: bytes) -> list[str]:
    """The files below a folder that hold any of these bytes."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [
        str(file.relative_to(folder))
        for file in sorted(files)
        if any(needle in file.read_bytes() for needle in needles)
    ]


def traces(node: Node, log: str, id: str) -> list[bytes]:
    """The salts and bodies of a record as they stand in the body files."""
    found = []
    for tier in ("pub", "hub"):
        for line in lines(node, log, tier, 100_000):
            if f'"id":"{id}"'.encode() in line.body:
                found += [line.salt.encode(), line.body]
    return found


def x_leaves(node: Node, log: str = "catalogue") -> list[EraseLeaf]:
    return [leaf for _, leaf in stored_erasures(log_files(node.home, log), log)]


def wipe(node: Node, clock: Clock, *ids: str, **more: Any) -> Any:
    clock.wait(10)
    wish = Wish(more.pop("reason", "law"), more.pop("kind", "instrument"), ids, **more)
    return erase(pen(node, clock), SchemaSet.load(), wish)


def test_no_byte_of_an_erased_record_stays_in_any_file(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", function=SECRET, value_yuan=7_654_321), instrument("A-2")])
    publish_all(node, clock)
    put(node, [instrument("A-1", function=SECRET + "丁", value_yuan=7_654_321)], at=NOW + 1)
    clock.wait(10)
    publish_all(node, clock)
    old = traces(node, "catalogue", "A-1")
    assert len(old) == 8 and raw_scan(node.home.path, *old)
    done = wipe(node, clock, "A-1")
    assert done.successors == 1
    assert raw_scan(node.home.path, *old, SECRET.encode(), b"7654321") == []
    verify_head(node.home, node.root, "catalogue")
    left = bodies(node, "catalogue", "pub", 100)
    assert "deleted" in next(body for body in left if body["id"] == "A-1")
    assert any(body["id"] == "A-2" for body in left)


def test_the_successor_stands_before_the_erasure(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    wipe(node, clock, "A-1")
    [leaf] = x_leaves(node)
    assert leaf.tiers is None and leaf.reason == "law"
    [successor] = [
        line for line in lines(node, "catalogue", "pub", 100) if b'"id":"A-1"' in line.body
    ]
    assert not leaf.covers(successor.index, "pub") and b'"deleted"' in successor.body


def test_a_corrected_record_goes_on_and_only_what_it_was_goes(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", function=SECRET)])
    publish_all(node, clock)
    put(node, [instrument("A-1", function="已改正")], at=NOW + 1)
    assert wipe(node, clock, "A-1", reason="error").successors == 1
    assert raw_scan(node.home.path, SECRET.encode()) == []
    [now] = [b for b in bodies(node, "catalogue", "pub", 100) if b["id"] == "A-1"]
    assert now["function"] == "已改正"


def test_former_states_go_and_the_present_one_stays(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", function=SECRET)])
    publish_all(node, clock)
    put(node, [instrument("A-1", function="已改正")], at=NOW + 1)
    clock.wait(10)
    publish_all(node, clock)
    assert wipe(node, clock, "A-1", former=True).successors == 0
    assert raw_scan(node.home.path, SECRET.encode()) == []
    with pytest.raises(InputError, match=r"erase\.nothing"):
        wipe(node, clock, "A-1", former=True)


def test_one_tier_goes_and_the_record_goes_on_in_the_others(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", value_yuan=7_654_321)])
    publish_all(node, clock)
    wipe(node, clock, "A-1", tiers=("hub",))
    assert raw_scan(node.home.path, b"7654321") == []
    living = [b for b in bodies(node, "catalogue", "pub", 100) if b["id"] == "A-1"]
    assert living and not any("deleted" in body for body in living)


def test_lost_bodies_are_published_once_more(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", function=SECRET)])
    publish_all(node, clock)
    assert wipe(node, clock, "A-1", reason="lost").successors == 1
    [body] = [b for b in bodies(node, "catalogue", "pub", 100) if b["id"] == "A-1"]
    assert body["function"] == SECRET


def test_a_range_of_leaves_goes_with_the_successors_of_what_was_current(node: Node) -> None:
    clock = Clock()
    put(node, [instrument(f"A-{n}") for n in range(5)])
    size = publish_all(node, clock).sizes["catalogue"]
    clock.wait(10)
    wish = Wish("error", log="catalogue", span=(1, size - 1))
    done = erase(pen(node, clock), SchemaSet.load(), wish)
    assert done.ranges == {"catalogue": ((1, size - 1),)}
    assert done.successors == size - 2
    assert all(line.index not in range(1, size - 1) for line in lines(node, "catalogue", "pub", 99))


def test_a_successor_that_would_be_refused_erases_nothing(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    put(node, [instrument("A-1", user_notice="电话13900000000")], at=NOW + 1)
    with pytest.raises(InputError, match=r"erase\.successor"):
        wipe(node, clock, "A-1")
    assert x_leaves(node) == []


def test_the_staged_row_of_an_erased_record_goes_too(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    cells = ((0, SECRET, "text", ""),)
    with Store.open(node.home.store) as store:
        run = Run(0, NOW, "", "台账.xlsx", "", "", "instrument", "台账", "", 2, 2, 0, 0)
        number = imports.add(store, run)
        rows = [RowFate(n, Fate.STAGED, f"A-{n}", "", "", cells) for n in (1, 2)]
        imports.stage(store, number, [], rows, [])
    wipe(node, clock, "A-1")
    with Store.open(node.home.store) as store:
        assert [row.id for row in imports.rows(store, number)] == ["A-2"]


def test_what_a_kill_left_is_erased_at_the_next_start(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1", function=SECRET)])
    publish_all(node, clock)
    file = log_files(node.home, "catalogue").locate("body/pub/000")
    before = file.read_bytes()
    wipe(node, clock, "A-1")
    after = file.read_bytes()
    kept = [line for line in after.splitlines(keepends=True) if line not in before]
    file.write_bytes(before + b"".join(kept))  # as if killed between the signature and here
    recover(pen(node, clock))
    assert file.read_bytes() == after


def test_an_import_does_not_bring_an_erased_record_back(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    wipe(node, clock, "A-1")
    with Store.open(node.home.store) as store:
        record = records.find(store, "instrument", "A-1")
    assert record is not None and record.deleted and is_erased(record.before)


def test_service_records_older_than_the_rule_are_erased_by_themselves(node: Node) -> None:
    clock = Clock()
    old = {"started_at": "2019-05-01T08:00:00+08:00", "ended_at": "2019-05-01T10:00:00+08:00"}
    put(node, [instrument("A-1"), service("S-1", samples=987_654, **old), service("S-2")])
    publish_all(node, clock)
    clock.wait(10)
    assert expire(pen(node, clock), SchemaSet.load(), {"service_record": 5}) == 1
    assert raw_scan(node.home.path, b"987654") == []
    assert [leaf.reason for leaf in x_leaves(node, "usage")] == ["retention"]
    assert expire(pen(node, clock), SchemaSet.load(), {"service_record": 5}) == 0
    verify_head(node.home, node.root, "usage")
