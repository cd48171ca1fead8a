"""Service requests on the console: what the terminal's verbs do, by forms, over a real socket."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_node.cli import main
from fenhe_node.mailing import send_due
from fenhe_node.node import Node
from fenhe_node.orders.desk import Desk
from fenhe_node.orders.forgetting import forget
from fenhe_node.orders.letters import Sender
from fenhe_node.orders.wish import Wish
from fenhe_node.settings.mail import MailSettings
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.store import Store, mails, orders, records
from tests.node.consoles import Browser, Seen, browsing
from tests.node.homes import NOW, UNIT, instrument, new_node, put

HOSTILE = "<script>alert(1)</script>"
WISH = Wish(
    applicant="示例用户",
    applicant_unit="示例公司",
    phone="0351-0000000",
    mail="user@example.org",
    user_class="enterprise",
    content=f"氢谱测定 {HOSTILE}",
    when="下周",
    samples=3,
    direction="development",
    way=3,
    quantities={"F-1/1": 3},
)
DONE = {
    "do": "finish",
    "begin": "2026-11-24T09:00",
    "end": "2026-11-24T11:30",
    "minutes": "140",
    "yuan": "600.50",
    "samples": "3",
    "way": "3",
    "fee_line": "F-1/1",
    "agreement": "yes",
}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    line = {"no": 1, "item": "氢谱", "charge_unit": "sample", "external_fen": 20000}
    fees = {"unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "标准", "lines": [line]}
    put(node, [instrument("A-1", fee_standards=["F-1"]), fees])
    return node


async def send(browser: Browser, path: str, fields: Mapping[str, str]) -> Seen:
    return await browser.post(path, follow=True, token=None, headers=None, **fields)


def ask(node: Node) -> str:
    """Somebody asks; the path of the request on the console."""
    with Store.open(node.home.store) as store:
        desk = Desk(store, Sender("示例大学", "https://u1.example"), OrderSettings(), NOW)
        return f"/requests/{desk.take_in('A-1', WISH).number}"


async def test_from_the_list_to_the_service_record_and_its_correction(node: Node) -> None:
    path = ask(node)
    async with browsing(node) as browser:
        _, text, _ = await browser.get("/")
        assert "1 份服务申请等着办理" in text
        _, text, _ = await browser.get("/requests")
        assert "核磁共振波谱仪" in text and "示例用户" in text and HOSTILE not in text
        _, text, _ = await browser.get(path)
        assert HOSTILE not in text and "600 元" in text
        _, text, _ = await browser.post(path, do="accept")
        assert "已受理" in text
        times = {"begin": "2026-11-24T09:00", "end": "2026-11-24T11:00"}
        _, text, _ = await send(browser, path, {"do": "schedule", **times})
        assert "2026-11-24 09:00 至 11:00" in text
        _, text, _ = await browser.get("/requests/calendar")
        assert "09:00–11:00" in text
        await browser.get(path)
        _, text, _ = await send(browser, path, DONE)
        assert "已完成" in text
        _, text, _ = await send(browser, path, (DONE | {"yuan": "700"}))
        assert "更正服务记录" in text
        _, text, _ = await browser.get("/requests?which=closed")
        assert path in text
    with Store.open(node.home.store) as store:
        kept = records.find(store, "service_record", orders.listed(store)[0].record)
        assert [
            event.what for event in records.events(store, "service_record", kept.id if kept else "")
        ] == ["new", "changed"]
    assert kept is not None
    shown = {
        name: kept.record[name]
        for name in ("started_at", "ended_at", "effective_minutes", "amount_fen", "agreement")
    }
    assert shown == {
        "started_at": "2026-11-24T09:00:00+08:00",
        "ended_at": "2026-11-24T12:00:00+08:00",
        "effective_minutes": 140,
        "amount_fen": 70000,
        "agreement": True,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "ask", "text": ""},
        {"do": "decline", "text": ""},
        {"do": "ask", "text": "a\u202eb"},
        {"do": "schedule", "begin": "2026-11-24T11:00", "end": "2026-11-24T09:00"},
        {"do": "schedule", "begin": "tomorrow", "end": "2026-11-24T09:00"},
        DONE | {"do": "finish"},  # from `received` nothing is finished
    ],
    ids=str,
)
async def test_what_is_wrong_is_said_and_nothing_is_done(node: Node, wrong: dict[str, str]) -> None:
    path = ask(node)
    async with browsing(node) as browser:
        await browser.get(path)
        status, text, _ = await send(browser, path, wrong)
        assert status == 422
        assert 'role="alert"' in text
    with Store.open(node.home.store) as store:
        assert orders.listed(store)[0].state == "received"


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": "-1"},
        {"minutes": "600000"},
        {"yuan": "1.005"},
        {"yuan": "NaN"},
        {"end": "2026-11-23T09:00"},
    ],
    ids=str,
)
async def test_a_service_record_that_would_be_wrong_is_not_kept_and_what_was_typed_stays(
    node: Node, wrong: dict[str, str]
) -> None:
    path = ask(node)
    async with browsing(node) as browser:
        await browser.get(path)
        await browser.post(path, do="accept")
        status, text, _ = await send(browser, path, (DONE | wrong))
        assert status == 422
        assert next(iter(wrong.values())) in text
    with Store.open(node.home.store) as store:
        assert not records.ids(store, "service_record")


async def test_two_requests_are_never_scheduled_at_one_time(node: Node) -> None:
    first, second = ask(node), ask(node)
    times = {"do": "schedule", "begin": "2026-11-24T09:00", "end": "2026-11-24T11:00"}
    async with browsing(node) as browser:
        await browser.get(first)
        assert (await send(browser, first, times))[0] == 200
        status, text, _ = await send(browser, second, (times | {"begin": "2026-11-24T10:59"}))
        assert status == 422 and "2026-11-24 09:00" in text
        later = times | {"begin": "2026-11-24T11:00", "end": "2026-11-24T12:00"}
        assert (await send(browser, second, later))[0] == 200
        assert (await send(browser, first, (times | {"begin": "2026-11-24T08:00"})))[0] == 200


async def test_what_could_not_be_mailed_stands_at_the_head_of_the_list(node: Node) -> None:
    mail = MailSettings(host="127.0.0.1", port=9, security="none", sender="node@example.org")
    mailing = replace(node, config=replace(node.config, mail=mail))
    path = ask(mailing)
    async with browsing(mailing) as browser:
        await browser.get(path)
        await browser.post(path, do="accept")
        send_due(node.home, mail, NOW)
        _, text, _ = await browser.get("/requests")
        assert "没有发出" in text and "user@example.org" in text
        _, text, _ = await browser.get("/")
        assert "1 封邮件没有发出" in text
        with Store.open(node.home.store) as store:
            letter = mails.troubled(store)[0]
            mails.settle(store, letter.number, "failed", attempts=9, trouble="550")
        await browser.get("/requests")
        _, text, _ = await browser.post("/requests")
        assert "1 封不再提示" in text and "没有发出" not in text


async def test_nothing_is_done_for_who_has_no_token_and_nothing_shown_that_is_not_there(
    node: Node,
) -> None:
    path = ask(node)
    async with browsing(node) as browser:
        await browser.get(path)
        assert (await browser.post(path, token="0" * 43, do="accept"))[0] == 403
        assert (await browser.get("/requests/99"))[0] == 404


async def test_a_terminal_does_what_the_console_does(
    node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    number = ask(node).rpartition("/")[2]

    def run(*words: str, code: int = 0) -> str:
        assert main(["--home", str(node.home.path), "requests", *words]) == code
        return capsys.readouterr().out

    assert "已收到" in run()
    assert "order.words" in run(number, "--ask", "--json", code=3)
    assert "待您补充" in run(number, "--ask", "--say", "样品怎样保存？")
    run(number, "--schedule", "2026-11-24T09:00", "2026-11-24T11:00")
    done = ["--finish", "2026-11-24T09:00", "2026-11-24T11:00", "--minutes", "110"]
    assert "S-" in run(number, *done, "--yuan", "600", "--fee-line", "F-1/1")
    assert "没有" in run()
    [closed] = json.loads(run("--closed", "--json"))["requests"]
    assert closed["outcome"]["fen"] == 60000
    assert "token" not in closed  # it is the applicant's alone


def test_a_request_that_nobody_ever_closed_goes_in_time_but_not_one_that_is_still_to_come(
    node: Node,
) -> None:
    asked, later = (int(ask(node).rpartition("/")[2]) for _ in range(2))
    day, end = 86_400, NOW + 400 * 86_400
    with Store.open(node.home.store) as store:
        desk = Desk(store, Sender("示例大学", "https://u1.example"), OrderSettings(), NOW)
        desk.schedule(later, "示例职员", end - day, end)
    assert forget(node.home.store, 365, NOW + 366 * day) == 1
    with Store.open(node.home.store) as store:
        assert [order.number for order in orders.listed(store)] == [later]
    assert asked != later
