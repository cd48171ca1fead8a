"""A store that is lost while the logs are not: the files are the truth, and the records come back.

What a restore from a mirror does with the store is told in `tests/federation`.
"""

import logging
import stat
from pathlib import Path

import pytest

from fenhe_node.erasing.for_good import Wish, erase
from fenhe_node.node import Node, open_node
from fenhe_node.store import Store, records
from fenhe_protocol.schema import SchemaSet
from tests.node.homes import Clock, instrument, new_node, pen, publish_all, put, service
from tests.node.lists import GOOD, HEADERS, take, write_csv


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


def lost(node: Node) -> Node:
    """The same node without its database, as the next command finds it."""
    node.home.store.unlink()
    return open_node(node.home.path)


def test_records_come_back_from_the_logs_and_nothing_is_published_twice(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    put(node, [instrument("A-1", value_yuan=7), instrument("A-2"), service("S-1")])
    clock = Clock()
    before = publish_all(node, clock).sizes
    with caplog.at_level(logging.WARNING):
        node = lost(node)
    assert "4" in caplog.text and "trust" in caplog.text
    with Store.open(node.home.store) as store:
        found = records.find(store, "instrument", "A-1")
    assert found is not None and found.record["value_yuan"] == 7
    assert publish_all(node, clock).sizes == before
    put(node, [instrument("A-2", function="改过")])
    assert publish_all(node, clock).leaves == {"catalogue": 1, "usage": 0}


def test_a_list_imported_after_it_changes_nothing_that_stands(node: Node, tmp_path: Path) -> None:
    file, clock = write_csv(tmp_path / "list.csv", [HEADERS, *GOOD]), Clock()
    with Store.open(node.home.store) as store:
        take(store, file)
    publish_all(node, clock)
    node = lost(node)
    with Store.open(node.home.store) as store:
        report = take(store, file)
    assert report.new == ()  # what never leaves the unit is new to them, and nothing else
    assert publish_all(node, clock).leaves == {"catalogue": 0, "usage": 0}


def test_what_was_erased_does_not_come_back_with_the_list(node: Node, tmp_path: Path) -> None:
    file, clock = write_csv(tmp_path / "list.csv", [HEADERS, *GOOD]), Clock()
    with Store.open(node.home.store) as store:
        take(store, file)
    publish_all(node, clock)
    erase(pen(node, clock), SchemaSet.load(), Wish("law", "instrument", (GOOD[0][0],)))
    node = lost(node)
    with Store.open(node.home.store) as store:
        take(store, file)
    assert publish_all(node, clock).leaves == {"catalogue": 0, "usage": 0}


def test_a_store_made_anew_is_for_its_owner_alone(node: Node) -> None:
    node = lost(node)
    assert stat.S_IMODE(node.home.store.stat().st_mode) == 0o600
