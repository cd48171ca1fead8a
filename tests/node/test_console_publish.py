"""Publishing, taking back, notices and what is due: on the console, over real sockets."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from fenhe_node.console.dues import Facts, dues
from fenhe_node.hubs.looking import look
from fenhe_node.node import Node
from fenhe_node.store import Store, notices, records
from fenhe_node.store.notices import KeptNotice
from fenhe_protocol.notice import Notice
from tests.node.a_hub import AHub, a_hub
from tests.node.consoles import browsing
from tests.node.homes import ORIGIN, Clock, bodies, instrument, new_node, publish_all, put
from tests.node.said_by_a_hub import Fed, mirror, trust
from tests.sources import ROOT


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return new_node(tmp_path / "home")


@pytest.fixture
async def hub() -> AsyncIterator[AHub]:
    async with a_hub() as serving:
        yield serving


def text_of(page: str) -> str:
    """What a person reads of it."""
    return unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]))


async def test_what_waits_is_shown_published_and_taken_back(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    clock.at += 60
    put(node, [instrument("A-1"), instrument("A-2", function="电话 13800000000")])
    async with browsing(node, clock) as browser:
        _, text, _ = await browser.get("/publish")
        assert "不能发布：含有个人信息" in text and "签名并发布其余 1 条" in text_of(text)
        _, text, _ = await browser.post("/publish")
        assert "已签名发布 1 条" in text and "没有发布" in text
        assert [b["id"] for b in bodies(node, "catalogue", "pub", 2)][-1] == "A-1"
        clock.at += 60
        _, text, _ = await browser.get("/publish/revert")
        assert "上次发布才有的" in text
        (run,) = re.findall(r'name="run" value="(\d+)"', text)
        _, text, _ = await browser.post("/publish/revert", run=run, reason="发错了")
        assert "已撤回：1 条" in text and "撤回" in text
        assert "deleted" in bodies(node, "catalogue", "pub", 3)[-1]
        _, text, _ = await browser.get("/records/one?kind=instrument&id=A-1")
        assert "发错了" in text and "本机" in text
        status, text, _ = await browser.post("/publish/revert", run=run, reason="again")
        assert status == 422 and "重新查看" in text
        for number in ("9" * 19, "9" * 5000):  # more than a database and int() take
            status, _, _ = await browser.post("/publish/revert", run=number, reason="again")
            assert status == 422
            status, _, _ = await browser.get(f"/imports/run/{number}")
            assert status == 404


async def test_two_publishes_in_ten_seconds_wait_for_each_other(node: Node) -> None:
    clock = Clock()
    put(node, [instrument("A-1")])
    publish_all(node, clock)
    put(node, [instrument("A-2")])
    async with browsing(node, clock) as browser:
        await browser.get("/publish")
        _, text, _ = await browser.post("/publish")
        assert "已签名发布 1 条" in text and sum(clock.waited) > 0


async def test_what_a_hub_holds_and_refuses_stands_beside_the_lists(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    clock = Clock()
    put(node, [instrument("A-1"), instrument("A-2", name_zh="天平")])
    publish_all(node, clock)
    await trust(node, hub)
    Fed(tmp_path / "fed", hub).advance(node, "catalogue", at=clock.now())
    mirror(hub, node, "catalogue", at=clock.now())
    row = {"tier": "pub", "code": "schema", "expected": "A01", "found": "X"}
    hub.reject("catalogue", {"index": 1, **row})
    async with browsing(node, clock) as browser:
        await browser.get("/")
        _, text, _ = await browser.post("/ask-hubs")
    said = text_of(text)
    assert "刚刚问过省平台" in said
    assert "省平台退回：天平 A-2" in said and "应为 A01；实为 X" in said and "改好这一项" in said
    instruments = next(r for r in text.split("<tr>") if 'href="/records?kind=instrument"' in r)
    assert re.findall(r'class="number">([\d—]*)', instruments) == ["—", "", "2", "2", "1"]


async def test_a_notice_is_heard_answered_and_the_answer_published(
    node: Node, hub: AHub, tmp_path: Path
) -> None:
    clock = Clock()
    publish_all(node, clock)
    await trust(node, hub)
    Fed(tmp_path / "fed", hub).say(
        Notice(
            "N-2026-0001",
            ORIGIN,
            "请补充收费标准 <b>",
            "2026-12-25",
            matter="rectification",
            title="关于限期整改的通知",
            deadline="2027-01-31",
            document_no="晋示例发〔2026〕1号",
            about=("12140000000000019W/D2/instrument/A-1", "12140000000000019W/D2//"),
        ),
        Notice("N-2026-0002", "u2.example/fenhe", "别家的", ""),
    )
    await look(node, clock.now)
    clock.at += 60
    async with browsing(node, clock) as browser:
        _, text, _ = await browser.get("/")
        assert "N-2026-0001 还没答复，答复期限 2026-12-25" in text_of(text)
        assert "别家的" not in text and "<b>" not in text
        link = re.findall(r'href="(/notices/one[^"]+)"', text)[0]
        _, text, _ = await browser.get(unescape(link))
        for said in (
            "限期整改",
            "2027-01-31 前整改",
            "晋示例发〔2026〕1号",
            "id=A-1",
            "只发给本单位",
        ):
            assert said in text
        status, text, _ = await browser.post(
            unescape(link), reply="answered", text="请找王某 13800000000", statement=""
        )
        assert status == 422 and "个人信息" in text and "请找王某" in text
        status, text, _ = await browser.post(
            unescape(link), reply="answered", text="本周补齐", statement="已按要求补充"
        )
        assert status == 200 and "已记下" in text
        _, text, _ = await browser.post("/publish")
        assert "已签名发布 1 条" in text
        _, text, _ = await browser.get("/")
        assert "还没答复" not in text_of(text) and "已答复" in text
    (pub,) = [b for b in bodies(node, "catalogue", "pub", 2) if b["kind"] == "notice_reply"]
    (held,) = [b for b in bodies(node, "catalogue", "hub", 2) if b["kind"] == "notice_reply"]
    assert (pub["id"], pub["statement"]) == ("N-2026-0001", "已按要求补充")
    assert (held["reply"], held["text"], held["replied_on"]) == (
        "answered",
        "本周补齐",
        "2026-11-23",
    )


def test_a_notice_that_is_said_again_keeps_the_day_on_which_it_was_heard(node: Node) -> None:
    with Store.open(node.home.store) as store:
        notices.keep(store, KeptNotice("h", "N", "one", "", 1))
        notices.keep(store, KeptNotice("h", "N", "two", "2026-12-01", 2))
        assert notices.every(store) == (KeptNotice("h", "N", "two", "2026-12-01", 1),)


async def test_what_the_hubs_rules_ask_for_is_due_here_with_its_day(node: Node, hub: AHub) -> None:
    clock = Clock()
    put(node, [instrument("A-1"), instrument("A-2")])
    publish_all(node, clock)
    await trust(node, hub)

    def item(id: str, state: str, due: str | None) -> dict[str, object]:
        return {
            "rule": "D2", "rule_name": "内容要齐", "kind": "instrument", "id": id, "state": state,
            "due": due, "todo_zh": "补充收费标准\u202e", "unit": node.root.unit, "more": [],
        }  # fmt: skip

    items = [item("A-1", "overdue", "2026-11-20"), item("A-2", "overdue", "2026-11-22")]
    page = {"items": [*items, item("", "unknown", None)], "total": 3}
    hub.files["api/v1/findings"] = json.dumps(page).encode()
    async with browsing(node, clock) as browser:
        await browser.get("/")
        _, text, _ = await browser.post("/ask-hubs")
        said = text_of(text)
        assert "内容要齐：逾期 2 项，最早期限 2026-11-20" in said and "无法判断 1 项" in said
        assert "补充收费标准\N{REPLACEMENT CHARACTER}" in said
        _, text, _ = await browser.get("/findings")
        assert "/records/edit?kind=instrument&amp;id=A-1" in text and "本单位" in text_of(text)
        hub.files["api/v1/findings"] = b'{"items": [{}], "total": 1}'
        clock.at += 700
        _, text, _ = await browser.post("/ask-hubs")
        assert "内容要齐" in text, "what has no form changes nothing"


def test_the_worst_comes_first_and_where_all_is_done_nothing_is_due() -> None:
    nothing = Facts("2026-11-23", True, 0, 0, (), (), (), (), (), {}, 0, 0)
    assert dues(nothing) == []
    late = KeptNotice("h", "N", "x", "2026-11-22", 1)
    found = dues(Facts("2026-11-23", True, 3, 1, (), (), (late,), (), ("heartbeat",), {}, 0, 0))
    assert ["N" in found[0].text, "已过答复期限" in found[0].text] == [True, True]
    assert [due.level for due in found] == sorted(due.level for due in found)


async def test_the_fingerprint_is_in_groups_of_four_and_no_secret_is_shown(node: Node) -> None:
    async with browsing(node) as browser:
        _, text, _ = await browser.get("/keys")
    groups = [node.fingerprint[n : n + 4] for n in range(0, 64, 4)]
    assert " ".join(groups) in text
    for file in node.home.keys.rglob("*"):
        if file.is_file():
            assert file.read_text("ascii").strip() not in text


async def test_a_node_is_examined_line_by_line_the_worst_first(node: Node) -> None:
    async with browsing(node) as browser:
        status, text, _ = await browser.get("/help/doctor")
    marks = re.findall(r'<td class="tick[^"]*">(.)</td>', text)
    assert status == 200 and len(marks) > 5
    assert marks == sorted(marks, key="✘!·✔".index)


async def test_every_command_that_the_pages_name_is_one(node: Node) -> None:
    from fenhe_node.cli import OPERATIONS

    known = " ".join(OPERATIONS.values()).split()
    async with browsing(node) as browser:
        pages = [(await browser.get(path))[1] for path in ("/help", "/keys", "/sign-in")]
    named = re.findall(r"fenhe-node --home \S+ ([a-z-]+)", "".join(pages))
    assert len(named) > 6 and set(named) <= set(known)
    assert (ROOT / "node/fenhe_node/templates/console/help.html").exists()


async def test_what_was_refused_here_is_mended_and_goes(node: Node) -> None:
    clock = Clock()
    publish_all(node, clock)
    put(node, [instrument("A-2", function="电话 13800000000")])
    clock.at += 60
    async with browsing(node, clock) as browser:
        await browser.get("/publish")
        status, text, _ = await browser.post("/publish")
        assert status == 200 and "没有发布" in text
    with Store.open(node.home.store) as store:
        assert records.find(store, "instrument", "A-2") is not None
