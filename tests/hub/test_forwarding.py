"""From the index to a real receiving server and back into the outbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from fenhe_hub.index.tables import create_index
from fenhe_hub.operations import forward_report
from fenhe_hub.upstream.forwarding import refresh, send_due
from fenhe_hub.upstream.nrii_soap import NriiSoap
from fenhe_hub.upstream.outbox import Item, ItemState, Patience
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.report import group_items
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Delivery, Reply
from tests.hub.test_nrii_record import PUBLIC, SUPERVISED, UNIT
from tests.hub.test_nrii_soap import Receiver, receiver

__all__ = ["receiver"]  # the fixture

USCC = "12140000000000019W"
SCOPE = NationalScope(500_000, frozenset({"central", "local"}), frozenset({"instrument"}))
NOW = 1795392065


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = create_index(tmp_path / "index.sqlite")
    connection.execute(
        "INSERT INTO unit(unit_no, origin, uscc, state, url, root1, depth, enrolled_at)"
        " VALUES(1, 'u1.example/fenhe', ?, 'enrolled', 'https://u1.example/fenhe', '', 0, 0)",
        (USCC,),
    )
    connection.execute(
        "INSERT INTO log(log_no, unit_no, origin, name, epoch, size, root)"
        " VALUES(1, 1, 'u1.example/fenhe/catalogue', 'catalogue', 1, 9, x'00')"
    )
    put(connection, "unit", USCC, {"id": USCC, "service_office": UNIT["service_office"]},
        {"nrii_ins_code": UNIT["nrii_ins_code"]})  # fmt: skip
    yield connection
    connection.close()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[OutboxStore]:
    store = OutboxStore(tmp_path / "outbox.sqlite")
    yield store
    store.close()


def put(
    db: sqlite3.Connection, kind: str, record_id: str, public: object, supervised: object
) -> None:
    db.execute(
        "INSERT OR REPLACE INTO resource(unit_no, kind, id, log_no, pub_idx, hub_idx, first_idx,"
        " pub, hub) VALUES(1, ?, ?, 1, 3, 3, 3, ?, ?)",
        (kind, record_id, orjson.dumps(public).decode(), orjson.dumps(supervised).decode()),
    )


def put_instrument(db: sqlite3.Connection, record_id: str, **changes: object) -> None:
    put(db, "instrument", record_id, {**PUBLIC, "id": record_id}, {**SUPERVISED, **changes})


async def send(outbox: OutboxStore, wsdl: str, now: int = NOW) -> list[Item]:
    upstream = NriiSoap(wsdl, timeout_seconds=10)
    try:
        return await send_due(outbox, upstream, lambda: now, Patience(), lambda done, due: None)
    finally:
        await upstream.close()


async def test_what_is_in_scope_arrives_and_what_is_not_stays(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1")
    put_instrument(db, "A-2", value_yuan=499_999)
    put_instrument(db, "A-3", funds=["own"])
    assert refresh(db, outbox, SCOPE, approval=False) == 1
    sent = await send(outbox, receiver.wsdl)
    assert [(item.state, item.code) for item in sent] == [(ItemState.DONE, 100)]
    assert [key[2] for key in receiver.ledger.records] == ["A-1"]
    assert refresh(db, outbox, SCOPE, approval=False) == 0
    assert await send(outbox, receiver.wsdl) == []


async def test_a_mended_record_goes_again(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1", acquisition="")
    refresh(db, outbox, SCOPE, approval=False)
    assert (await send(outbox, receiver.wsdl))[0].code == 202
    assert await send(outbox, receiver.wsdl) == []
    put_instrument(db, "A-1")
    assert refresh(db, outbox, SCOPE, approval=False) == 1
    assert (await send(outbox, receiver.wsdl))[0].code == 100
    assert [reply[4] for reply in outbox.replies()] == [202, 100]


async def test_a_platform_that_is_away_is_tried_again_later(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=False)
    away = await send(outbox, "http://127.0.0.1:9/none?wsdl")
    assert away[0].state is ItemState.RETRY
    assert await send(outbox, receiver.wsdl) == []
    assert (await send(outbox, receiver.wsdl, NOW + 3600))[0].state is ItemState.DONE


class Torn:
    """An upstream whose process dies after the platform took the record."""

    async def deliver(self, delivery: Delivery) -> Reply:
        raise KeyboardInterrupt

    async def close(self) -> None: ...


async def test_what_was_cut_off_between_sending_and_the_answer_is_sent_again(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=False)
    with pytest.raises(KeyboardInterrupt):
        await send_due(outbox, Torn(), lambda: NOW, Patience(), lambda done, due: None)
    assert outbox.items()[0].state is ItemState.SENDING
    assert (await send(outbox, receiver.wsdl))[0].state is ItemState.DONE


def test_what_left_the_scope_before_it_was_sent_goes(
    db: sqlite3.Connection, outbox: OutboxStore
) -> None:
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=True)
    assert outbox.items()[0].state is ItemState.WAITING
    put_instrument(db, "A-1", value_yuan=1)
    refresh(db, outbox, SCOPE, approval=True)
    assert outbox.items() == []


async def test_what_was_changed_and_then_deleted_is_not_sent_and_known_to_be_there(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=False)
    await send(outbox, receiver.wsdl)
    put_instrument(db, "A-1", department="示例学院")
    refresh(db, outbox, SCOPE, approval=False)
    db.execute("DELETE FROM resource WHERE id='A-1'")
    refresh(db, outbox, SCOPE, approval=False)
    assert await send(outbox, receiver.wsdl) == []
    [gone] = outbox.items()
    assert (gone.state, gone.candidate.payload) == (ItemState.GONE, "")
    report = forward_report.value([gone], forward_report.Said())
    assert report["to_withdraw"] == [{"unit": USCC, "kind": "instrument", "id": "A-1"}]
    assert "A-1" in forward_report.text([gone], forward_report.Said())


def test_a_unit_without_a_code_blocks_its_records(
    db: sqlite3.Connection, outbox: OutboxStore
) -> None:
    put(db, "unit", USCC, {"id": USCC}, {})
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=False)
    assert outbox.items()[0].state is ItemState.BLOCKED
    assert "insCode 缺失" in outbox.items()[0].candidate.lacking


async def test_held_back_by_unit_or_type_nothing_goes(
    db: sqlite3.Connection, outbox: OutboxStore, receiver: Receiver
) -> None:
    put_instrument(db, "A-1")
    refresh(db, outbox, SCOPE, approval=False)
    for subject in (USCC, "4"):
        with outbox.transaction():
            outbox.hold(subject, "示例原因", NOW)
        assert await send(outbox, receiver.wsdl) == []
        assert outbox.held() == {subject: "示例原因"}
        with outbox.transaction():
            assert outbox.release(subject)
            assert not outbox.release(subject)
    assert len(await send(outbox, receiver.wsdl)) == 1


async def test_replies_are_grouped_by_code_and_by_what_was_said(
    db: sqlite3.Connection, outbox: OutboxStore
) -> None:
    for number in range(4):
        put_instrument(db, f"A-{number}")
    refresh(db, outbox, SCOPE, approval=False)
    upstream = Quarrelsome()
    await send_due(outbox, upstream, lambda: NOW, Patience(), lambda done, due: None)
    groups = group_items(outbox.items(), outbox.last_replies())
    assert [(group.code, group.reply, group.count) for group in groups] == [
        (202, "… 名称不合", 2),
        (202, "… 编码不合", 2),
    ]
    put_instrument(db, "A-0", department="示例学院")
    refresh(db, outbox, SCOPE, approval=False)
    # What was said of the record as it was says nothing of it as it is.
    assert (USCC, "instrument", "A-0") not in outbox.last_replies()


class Quarrelsome:
    """A platform that says in two ways what it does not like, by the record's name."""

    async def deliver(self, delivery: Delivery) -> Reply:
        what = "名称" if delivery.inner_id in ("A-0", "A-1") else "编码"
        return Reply(202, f"<f><b>{delivery.inner_id}</b> {what}不合</f>")

    async def close(self) -> None: ...
