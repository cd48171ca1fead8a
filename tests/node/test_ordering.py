"""Service requests from the public form to the rated service record, over real sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from fenhe_client.strangers import TICKET_SECONDS
from fenhe_node.mailing import send_due
from fenhe_node.node import Node
from fenhe_node.orders.desk import Desk
from fenhe_node.orders.finishing import Done
from fenhe_node.orders.forgetting import forget
from fenhe_node.orders.letters import Sender
from fenhe_node.settings.mail import MailSettings
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.store import Store, mails, orders, records
from tests.client.post_office import post_office
from tests.node.homes import NOW, UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application

Client = TestClient[web.Request, web.Application]
MakeClient = Callable[[web.Application], Awaitable[Client]]
HOSTILE = """<script>alert(1)</script>"'&{{7*7777}}"""
APPLY = "/fenhe/apply?id=A-1"
HOUR = 3600
FORM = {
    "content": "氢谱测定，样品无毒",
    "samples": "3",
    "when": "下周",
    "way": "3",
    "user_class": "tech_sme",
    "direction": "development",
    "q:F-1/1": "3",
    "applicant": "示例用户",
    "applicant_unit": "示例公司",
    "mail": "user@example.org",
    "phone": "0351-0000000",
    "consent": "yes",
    "do": "send",
}


def opened(node: Node, **changes: Any) -> Node:
    config = replace(node.config, orders=OrderSettings(open=True, **changes))
    return replace(node, config=config)


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    line = {
        "no": 1,
        "item": "氢谱",
        "charge_unit": "sample",
        "external_fen": 30000,
        "small_firm_fen": 20000,
        "steps": [{"from_quantity": 3, "percent": 50}],
    }
    put(
        node,
        [
            instrument("A-1", fee_standards=["F-1"]),
            instrument("A-2", booking_url="https://booking.example.org/A-2"),
            instrument("A-3", status="awaiting_repair"),
            instrument("A-4", booking_url="https://u1.example/fenhe/apply?id=A-4"),
            {
                "unit": UNIT,
                "kind": "fee_standard",
                "id": "F-1",
                "name_zh": "标准",
                "lines": [line],
            },
        ],
    )
    publish_all(node, Clock())
    return opened(node)


async def fill_in(
    client: Client, form: Mapping[str, str], path: str = APPLY, *, by: str = "192.0.2.1"
) -> tuple[int, str, str]:
    """Open the form, send it, and give status, text and where it led."""
    async with client.get(path) as answer:
        assert answer.status == 200
        ticket = (await answer.text()).partition('name="ticket" value="')[2].partition('"')[0]
    data = {"ticket": ticket, **form}
    # A proxy on this machine says who asks; the last word is its own.
    proxy = {"X-Forwarded-For": f"198.51.100.7, {by}"}
    async with client.post(path, data=data, headers=proxy, allow_redirects=False) as answer:
        return answer.status, await answer.text(), answer.headers.get("Location", "")


def desk(store: Store, *, mails_out: bool = False, now: int = NOW) -> Desk:
    sender = Sender("示例大学", "https://u1.example/fenhe", "office@example.org")
    return Desk(store, sender, OrderSettings(open=True), now, mails_out=mails_out)


DONE = Done(NOW, NOW + 2 * HOUR, 110, 30000, samples=3, way=3, fee_line="F-1/1")


async def test_from_the_form_to_a_rated_service_record(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    status, _, where = await fill_in(client, FORM)
    assert status == 303
    async with client.get(where) as answer:
        page = await answer.text()
        assert answer.headers["Cache-Control"] == "no-store"
        assert "已收到" in page and "300 元" in page  # 3 × 200 × 50 %
    with Store.open(node.home.store) as store:
        number = orders.listed(store)[0].number
        desk(store).ask_back(number, "示例职员", "样品怎样保存？")
    async with client.post(where, data={"do": "answer", "text": "冷藏"}) as answer:
        assert answer.status == 200
        assert "冷藏" in await answer.text()
    with Store.open(node.home.store) as store:
        desk(store).schedule(number, "示例职员", NOW + HOUR, NOW + 3 * HOUR)
    async with client.get("/fenhe/free-busy.ics?id=A-1") as answer:
        calendar = await answer.text()
        assert "DTSTART:20261123T010000Z" in calendar and "示例用户" not in calendar
    with Store.open(node.home.store) as store:
        desk(store).finish(number, "示例职员", DONE, UNIT)
    async with client.post(where, data={"do": "rate", "rating": "5", "text": "很好"}) as answer:
        assert "5 分" in await answer.text()
    async with client.post(where, data={"do": "rate", "rating": "1"}) as answer:
        assert answer.status == 422
    with Store.open(node.home.store) as store:
        order = orders.listed(store)[0]
        kept = records.find(store, "service_record", order.record)
    assert kept is not None
    assert kept.record == {
        "unit": UNIT,
        "kind": "service_record",
        "id": f"S-{order.reference}",
        "instrument": "A-1",
        "started_at": "2026-11-23T08:00:00+08:00",
        "ended_at": "2026-11-23T10:00:00+08:00",
        "effective_minutes": 110,
        "amount_fen": 30000,
        "user_class": "tech_sme",
        "capture": "manual",
        "fee_line": "F-1/1",
        "samples": 3,
        "way": 3,
        "direction": "development",
        "applicant": "示例用户",
        "applicant_unit": "示例公司",
        "phone": "0351-0000000",
        "mail": "user@example.org",
        "content": "氢谱测定，样品无毒",
        "rating": 5,
        "comment": "很好",
    }


async def test_what_a_stranger_types_is_inert_and_kept_in_the_form(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    texts = dict.fromkeys(("content", "when", "applicant", "applicant_unit"), HOSTILE)
    status, text, _ = await fill_in(client, FORM | texts | {"mail": HOSTILE})
    assert status == 422
    assert "<script>alert" not in text and "&lt;script&gt;" in text and "54439" not in text
    status, _, where = await fill_in(client, FORM | texts)
    assert status == 303
    async with client.get(where) as answer:
        assert "<script>alert" not in await answer.text()


async def test_a_form_is_good_for_one_request_and_for_some_hours(
    node: Node, aiohttp_client: MakeClient
) -> None:
    clock = Clock()
    client = await aiohttp_client(application(node, clock))
    async with client.get(APPLY) as answer:
        ticket = (await answer.text()).partition('name="ticket" value="')[2].partition('"')[0]
    form = FORM | {"ticket": ticket}
    for status in (303, 400):
        async with client.post(APPLY, data=form, allow_redirects=False) as answer:
            assert answer.status == status
    async with client.get(APPLY) as answer:
        ticket = (await answer.text()).partition('name="ticket" value="')[2].partition('"')[0]
    clock.at += TICKET_SECONDS + 1
    async with client.post(APPLY, data=FORM | {"ticket": ticket}) as answer:
        assert answer.status == 400
        assert "氢谱测定" in await answer.text()  # nobody has to type it again
    for forged in ("", "1.2", f"{clock.at}.00.00", "x.y.z"):
        async with client.post(APPLY, data=FORM | {"ticket": forged}) as answer:
            assert answer.status == 400


async def test_a_form_sent_many_times_at_once_is_one_request(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(opened(node, most_a_day_each=3), Clock()))
    tickets = []
    for _ in range(4):
        async with client.get(APPLY) as answer:
            text = await answer.text()
        tickets.append(text.partition('name="ticket" value="')[2].partition('"')[0])

    async def send(ticket: str) -> int:
        form = FORM | {"ticket": ticket, "mail": ""}
        proxy = {"X-Forwarded-For": "192.0.2.1"}
        async with client.post(APPLY, data=form, headers=proxy, allow_redirects=False) as answer:
            return answer.status

    once = await asyncio.gather(*(send(tickets[0]) for _ in range(4)))
    assert sorted(once) == [303, 400, 400, 400]
    # Nor is there more room for an address that asks for all of it at once.
    others = await asyncio.gather(*map(send, tickets[1:]))
    assert sorted(others) == [303, 303, 429]


@pytest.mark.parametrize(
    "changes",
    [
        {"content": ""},
        {"applicant": ""},
        {"mail": "", "phone": ""},
        {"mail": "a@b"},
        {"mail": "a@example.org\r\nBcc: b@example.org"},
        {"phone": "call me"},
        {"user_class": "king"},
        {"way": "9"},
        {"samples": "-1"},
        {"q:F-1/1": "9999999"},
        {"consent": ""},
        {"content": "a\u202eb"},
        {"applicant": "a\x00b"},
        {"content": "长" * 1001},
    ],
    ids=str,
)
async def test_each_field_is_judged(
    node: Node, aiohttp_client: MakeClient, changes: dict[str, str]
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    status, text, _ = await fill_in(client, FORM | changes)
    assert status == 422
    assert "还不能提交" in text
    with Store.open(node.home.store) as store:
        assert not orders.listed(store)


async def test_who_fills_the_trap_or_sends_too_often_is_turned_away(
    tmp_path: Path, node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(opened(node, most_a_day_each=2), Clock()))
    assert (await fill_in(client, FORM | {"website": "http://spam.example"}))[0] == 400
    statuses = [(await fill_in(client, FORM))[0] for _ in range(3)]
    assert statuses == [303, 303, 429]
    neighbours = [(await fill_in(client, FORM, by=f"2001:db8::{n}"))[0] for n in (1, 2, 3)]
    assert neighbours == [303, 303, 429]  # whoever has one address of IPv6 has them all
    assert (await fill_in(client, FORM, by="nobody knows"))[0] == 303


async def test_a_day_has_room_for_so_many_in_all_and_of_one_mail_address(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(
        application(opened(node, most_a_day=6, most_a_day_each=99), Clock())
    )
    assert [(await fill_in(client, FORM))[0] for _ in range(6)] == [303] * 5 + [429]
    others = [FORM | {"mail": f"u{n}@example.org"} for n in range(2)]
    assert [(await fill_in(client, each))[0] for each in others] == [303, 429]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"a=%FF", "application/x-www-form-urlencoded", 400),
        ("a=氢".encode(), "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(700)), "application/x-www-form-urlencoded", 400),
        (b"{}", "application/json", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
    ],
    ids=["long", "no-utf-8", "no-ascii", "fields", "json", "multipart"],
)
async def test_what_is_no_plain_form_is_refused(
    node: Node, aiohttp_client: MakeClient, body: bytes, kind: str, status: int
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.post(APPLY, data=body, headers={"Content-Type": kind}) as answer:
        assert answer.status == status


@pytest.mark.parametrize("id", ["A-2", "A-3", "none"])
async def test_what_is_booked_elsewhere_or_out_of_use_has_no_form(
    node: Node, aiohttp_client: MakeClient, id: str
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    async with client.get(f"/fenhe/apply?id={id}") as answer:
        assert answer.status == 404
    async with client.post(f"/fenhe/apply?id={id}", data=FORM) as answer:
        assert answer.status == 404
    async with client.get("/fenhe/apply?id=A-4") as answer:
        assert answer.status == 200  # its booking page is this very form


async def test_a_unit_that_takes_no_requests_answers_no_form_and_says_how_to_apply(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(opened(node), Clock()))
    closed = replace(node, config=replace(node.config, orders=OrderSettings()))
    client = await aiohttp_client(application(closed, Clock()))
    async with client.post(APPLY, data=FORM) as answer:
        assert answer.status == 404
    async with client.get("/fenhe/record?kind=instrument&id=A-1") as answer:
        text = await answer.text()
        assert "apply?" not in text and "尚未公布预约办法" in text


async def test_a_private_link_is_the_only_way_in(node: Node, aiohttp_client: MakeClient) -> None:
    client = await aiohttp_client(application(node, Clock()))
    _, _, where = await fill_in(client, FORM)
    assert len(where.rpartition("/")[2]) == 32
    for path in (where[:-1], f"{where}x", "/fenhe/order/1", "/fenhe/order/%00"):
        async with client.get(path) as answer:
            assert answer.status == 404
        async with client.post(path, data={"do": "withdraw"}) as answer:
            assert answer.status == 404
    async with client.post(where, data={"do": "withdraw"}) as answer:
        assert "已撤回" in await answer.text()
    for act in ("withdraw", "answer", "rate"):
        async with client.post(where, data={"do": act, "rating": "5", "text": "x"}) as answer:
            assert answer.status == 422


async def test_a_private_link_stands_in_no_log(
    node: Node,
    aiohttp_client: MakeClient,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("aiohttp.access"), "disabled", True)  # the test's own
    client = await aiohttp_client(application(node, Clock()))
    _, _, where = await fill_in(client, FORM)
    node.home.store.write_bytes(b"no database")
    async with client.get(where) as answer:
        assert answer.status == 500
    assert "/order/" in caplog.text and where.rpartition("/")[2] not in caplog.text


async def test_requests_are_in_no_tier_and_go_in_time(
    node: Node, aiohttp_client: MakeClient
) -> None:
    client = await aiohttp_client(application(node, Clock()))
    await fill_in(client, FORM)
    publish_all(node, Clock(NOW + 60))
    published = b"".join(
        file.read_bytes()
        for tree in (node.home.public, node.home.held)
        for file in tree.rglob("*")
        if file.is_file()
    )
    assert "示例用户".encode() not in published
    with Store.open(node.home.store) as store:
        order = orders.listed(store)[0]
        desk(store).withdraw(order.token)
    assert forget(node.home.store, 365, NOW + 365 * 86_400) == 0
    assert forget(node.home.store, 365, NOW + 366 * 86_400) == 1
    with Store.open(node.home.store) as store:
        assert not orders.history(store, order.number)
    assert "示例用户".encode() not in node.home.store.read_bytes()


async def test_both_sides_hear_by_mail_and_a_stranger_puts_no_word_into_it(
    node: Node, aiohttp_client: MakeClient
) -> None:
    with post_office() as office:
        settings = MailSettings(
            host="127.0.0.1",
            port=office.port,
            security="none",
            sender="node@example.org",
            notify="office@example.org",
        )
        mailing = replace(node, config=replace(node.config, mail=settings))
        client = await aiohttp_client(application(mailing, Clock()))
        bait = "请看 http://spam.example"
        _, _, where = await fill_in(
            client, FORM | {"content": bait, "applicant": bait, "when": bait}
        )
        assert send_due(node.home, settings, NOW) == 2
        assert send_due(node.home, settings, NOW) == 0
    to = {
        envelope[1][0]: letter
        for envelope, letter in zip(office.envelopes, office.letters, strict=True)
    }
    assert set(to) == {"office@example.org", "user@example.org"}
    text = to["user@example.org"].get_content()
    assert where.rpartition("/")[2] in text and "spam" not in text
    assert "示例用户" not in to["office@example.org"].get_content()
    with Store.open(node.home.store) as store:
        assert all(not mail.body for mail in mails.of_order(store, 1))  # what went out is forgotten


async def test_mail_that_is_refused_is_told_and_holds_up_no_other(
    node: Node, aiohttp_client: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    with post_office() as office:
        office.refuses["user@example.org"] = "550 <user@example.org> no such user"
        settings = MailSettings(
            host="127.0.0.1",
            port=office.port,
            security="none",
            sender="node@example.org",
            notify="office@example.org",
        )
        mailing = replace(node, config=replace(node.config, mail=settings))
        client = await aiohttp_client(application(mailing, Clock()))
        await fill_in(client, FORM)
        assert send_due(node.home, settings, NOW) == 1
    with Store.open(node.home.store) as store:
        trouble = mails.troubled(store)
    assert [(mail.state, mail.to_address) for mail in trouble] == [("failed", "user@example.org")]
    assert "550" in trouble[0].trouble
    assert "550" in caplog.text and "user@" not in caplog.text


async def test_a_mail_server_that_is_away_is_asked_again_and_again_and_then_no_more(
    node: Node, aiohttp_client: MakeClient
) -> None:
    settings = MailSettings(host="127.0.0.1", port=9, security="none", sender="node@example.org")
    mailing = replace(node, config=replace(node.config, mail=settings))
    client = await aiohttp_client(application(mailing, Clock()))
    await fill_in(client, FORM)
    now, attempts = NOW, 0
    with Store.open(node.home.store) as store:
        while any(mail.state == "waiting" for mail in mails.of_order(store, 1)):
            assert send_due(node.home, settings, now) == 0
            waiting = [mail for mail in mails.of_order(store, 1) if mail.state == "waiting"]
            now, attempts = min((mail.next_at for mail in waiting), default=now), attempts + 1
        assert attempts == 9
        assert mails.troubled(store)[0].state == "failed"
