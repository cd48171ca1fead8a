"""From the store to the feed: what is to be published, once and only once, whatever gets killed."""

from pathlib import Path

import pytest

from fenhe_node.deletion import delete
from fenhe_node.publishing.changes import Planned, changes, plan, settle
from fenhe_node.store import Store, feed
from fenhe_protocol.errors import InputError
from tests.node.lists import GOOD, HEADERS, NOW, SCHEMAS, take, write_csv

BOTH = frozenset({"pub", "hub"})


def planned(store: Store, start: int = 0, tiers: frozenset[str] = BOTH) -> list[Planned]:
    return [
        Planned(change.kind, change.id, change.sent, tiers, "catalogue", start + n)
        for n, change in enumerate(changes(store))
    ]


@pytest.fixture
def path(store: Store, tmp_path: Path) -> Path:
    path = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    take(store, path)
    return path


def edit(path: Path, model: str, contact: str = "示例甲") -> Path:
    return write_csv(path, [HEADERS, [*GOOD[0][:2], model, *GOOD[0][3:6], contact], *GOOD[1:]])


def test_what_was_imported_is_to_be_published_as_new(store: Store, path: Path) -> None:
    assert [(change.id, change.why) for change in changes(store)] == [
        ("20150001", "new"),
        ("20150002", "new"),
        ("20150003", "new"),
    ]


def test_after_settling_nothing_is_left(store: Store, path: Path) -> None:
    plan(store, planned(store))
    assert settle(store, "catalogue", 3) == 3
    assert changes(store) == ()
    leaf = feed.where_published(store, "instrument", "20150002")
    assert leaf is not None and (leaf.log, leaf.index) == ("catalogue", 1)


def test_a_publish_that_never_signed_is_forgotten(store: Store, path: Path) -> None:
    plan(store, planned(store, start=5))
    assert settle(store, "catalogue", 5) == 0
    assert len(changes(store)) == 3


def test_only_the_log_that_is_settled_is_touched(store: Store, path: Path) -> None:
    plan(store, planned(store))
    assert settle(store, "usage", 3) == 0
    assert settle(store, "catalogue", 3) == 3


def test_an_edit_after_the_plan_is_published_next(store: Store, path: Path) -> None:
    plan(store, planned(store))
    take(store, edit(path, "EX-1b"), now=NOW + 60)
    settle(store, "catalogue", 3)
    (change,) = changes(store)
    assert (change.id, change.why, change.tiers_before) == ("20150001", "changed", BOTH)


def test_a_change_of_what_never_leaves_is_no_change(store: Store, path: Path) -> None:
    plan(store, planned(store))
    settle(store, "catalogue", 3)
    report = take(store, edit(path, "EX-1", contact="示例己"), now=NOW + 60)
    assert report.changed == ("20150001",)
    assert changes(store) == ()


def test_an_edit_taken_back_is_no_change(store: Store, path: Path) -> None:
    plan(store, planned(store))
    settle(store, "catalogue", 3)
    take(store, edit(path, "EX-1b"), now=NOW + 60)
    take(store, edit(path, "EX-1"), now=NOW + 120)
    assert changes(store) == ()


def test_a_deletion_goes_into_the_tiers_it_stood_in(store: Store, path: Path) -> None:
    plan(store, planned(store, tiers=frozenset({"pub"})))
    settle(store, "catalogue", 3)
    delete(store, "instrument", "20150001", "scrapped", schemas=SCHEMAS, now=NOW)
    (change,) = changes(store)
    assert (change.why, change.tiers_before) == ("deleted", frozenset({"pub"}))
    assert change.record == {
        "unit": "12140000000000019W",
        "kind": "instrument",
        "id": "20150001",
        "deleted": {"on": "2026-11-23", "reason": "scrapped"},
    }


def test_what_nobody_has_heard_of_is_deleted_without_a_word(store: Store, path: Path) -> None:
    delete(store, "instrument", "20150001", "error", schemas=SCHEMAS, now=NOW)
    assert [change.id for change in changes(store)] == ["20150002", "20150003"]


@pytest.mark.parametrize(
    ("record_id", "reason", "code"),
    [("20159999", "error", "delete.absent"), ("20150001", "lost", "delete.reason")],
)
def test_what_cannot_be_deleted(
    store: Store, path: Path, record_id: str, reason: str, code: str
) -> None:
    with pytest.raises(InputError, match=code):
        delete(store, "instrument", record_id, reason, schemas=SCHEMAS, now=NOW)
    assert len(changes(store)) == 3
