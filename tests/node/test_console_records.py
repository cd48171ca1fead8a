"""Records on the console: found, changed, made, deleted; over a real socket, as a person does."""

import re
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from fenhe_node.node import Node
from fenhe_node.store import Store, records
from tests.node.consoles import Browser, browsing
from tests.node.homes import Clock, instrument, new_node, publish_all, put, service

HOSTILE = """<script>alert(1)</script>"'&<img src=x onerror=alert(1)>"""
VALUE = {"value_yuan": 3_200_000, "value_band": "from_200"}
CONTACT = {"name": "李示例", "phone": "0351-0000000"}


@pytest.fixture
def node(tmp_path: Path) -> Node:
    node = new_node(tmp_path / "home")
    put(
        node,
        [
            instrument("A-1", model="EX-400", contact_person=CONTACT, **VALUE),
            instrument("X/1?#&", name_zh=HOSTILE, model="=1+1"),
            instrument("A-2", name_zh="扫描电子显微镜", status="awaiting_repair"),
            instrument("007", name_zh="天平", fee_standards=["F-1"]),
            {
                "unit": node.root.unit, "kind": "fee_standard", "id": "F-1", "name_zh": "标准",
                "lines": [{"no": 1, "item": "称量", "charge_unit": "hour", "external_fen": 30050}],
            },
            service("S-1"),
        ],
    )  # fmt: skip
    publish_all(node, Clock())
    return node


def stored(node: Node, id: str, kind: str = "instrument") -> dict[str, Any]:
    with Store.open(node.home.store) as store:
        found = records.find(store, kind, id)
    assert found is not None
    return dict(found.record)


def fields_of(text: str) -> dict[str, list[str]]:
    """What a browser would send of the form: inputs, areas, chosen options."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", text):
        name, value = (re.search(rf' {a}="([^"]*)"', tag) for a in ("name", "value"))
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name, inner in re.findall(
        r'<textarea [^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', text, re.S
    ):
        found[unescape(name)] = [unescape(inner)]
    for name, inner in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.findall(r'<option value="([^"]*)" selected', inner)
        found[unescape(name)] = [unescape(chosen[0]) if chosen else ""]
    return found


async def submit(browser: Browser, path: str, **changes: str | list[str]) -> tuple[int, str]:
    """Open a form, change some fields of it and send it."""
    _, text, _ = await browser.get(path)
    main = text[text.index("<main") :]
    form = fields_of(main) | {n: [v] if isinstance(v, str) else v for n, v in changes.items()}
    pairs = [(n, v) for n, values in form.items() if n != "token" for v in values]
    status, text, _ = await browser.send(path, pairs)
    return status, text


async def test_words_states_and_orders_find_records(node: Node) -> None:
    put(node, [instrument("A-2", name_zh="扫描电子显微镜", model="changed")])
    async with browsing(node) as browser:
        for query, found in (
            ("", {"A-1", "A-2", "007", "X/1?#&"}),
            ("&q=ex-400 核磁", {"A-1"}),
            ("&q=zzz", set()),
            ("&state=pending", {"A-2"}),
            ("&state=published", {"A-1", "007", "X/1?#&"}),
            ("&status=awaiting_repair", set()),
            ("&q=%22", {"X/1?#&"}),
        ):
            _, text, _ = await browser.get(f"/records?kind=instrument{query}")
            assert set(map(unescape, re.findall(r'name="id" value="([^"]*)"', text))) == found, (
                query
            )
        _, text, _ = await browser.get("/records?kind=instrument&order=-id")
        assert re.findall(r'name="id" value="([^"]*)"', text)[0].startswith("X/1")


async def test_nothing_in_a_record_becomes_part_of_a_page(node: Node) -> None:
    async with browsing(node) as browser:
        for path in ("/records?kind=instrument", "/records/one?kind=instrument&id=X/1?%23%26"):
            status, text, _ = await browser.get(path)
            assert status == 200 and "<script" not in text and "<img" not in text


async def test_a_record_shows_who_sees_what_and_where_it_stands(node: Node) -> None:
    async with browsing(node) as browser:
        _, text, _ = await browser.get("/records/one?kind=instrument&id=A-1")
    part = {
        h: text[text.index(f"<h2>{h}") :].split("<h2>")[1] for h in ("公开", "只给省平台", "不外传")
    }
    assert "EX-400" in part["公开"] and "3,200,000 元" in part["只给省平台"]
    assert "0351-0000000" in part["不外传"] and "0351-0000000" not in part["公开"]
    assert "日志 catalogue 第" in text and "尚无回执" in text


async def test_a_form_sent_as_it_is_changes_nothing(node: Node) -> None:
    async with browsing(node) as browser:
        for kind, id in (("instrument", "A-1"), ("fee_standard", "F-1"), ("service_record", "S-1")):
            before = stored(node, id, kind)
            status, text = await submit(browser, f"/records/edit?kind={kind}&id={id}")
            assert status == 200 and "没有改动" in text
            assert stored(node, id, kind) == before


async def test_a_value_is_changed_and_the_history_says_who_and_why(node: Node) -> None:
    async with browsing(node) as browser:
        status, text = await submit(
            browser,
            "/records/edit?kind=instrument&id=A-1",
            **{"f:model": "EX-500", "f:location.city": "太原市", "reason": "铭牌核对"},
        )
        assert status == 200 and "已保存" in text and "待发布" in text
        assert "铭牌核对（规格型号、" in text and "本机" in text
    record = stored(node, "A-1")
    assert (record["model"], record["location"]) == ("EX-500", {"city": "太原市"})
    assert record["contact_person"] == CONTACT


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(node: Node) -> None:
    async with browsing(node) as browser:
        status, text = await submit(
            browser,
            "/records/edit?kind=instrument&id=A-1",
            **{"f:value_yuan": "三百万", "f:name_en": "NMR"},
        )
        assert status == 422 and 'value="三百万"' in text and 'value="NMR"' in text
        assert re.search(r'id="f:value_yuan"[^>]*aria-invalid="true"', text)
        status, text = await submit(
            browser, "/records/edit?kind=instrument&id=A-1", **{"f:function": "电话 13800000000"}
        )
        assert status == 422 and "个人信息" in text
    assert "name_en" not in stored(node, "A-1")


async def test_two_people_at_one_record_do_not_write_over_each_other(node: Node) -> None:
    async with browsing(node) as browser:
        _, text, _ = await browser.get("/records/edit?kind=instrument&id=A-1")
        form = [(n, v) for n, each in fields_of(text).items() for v in each if n != "token"]
        put(node, [instrument("A-1", model="by somebody else")])
        status, text, _ = await browser.send("/records/edit?kind=instrument&id=A-1", form)
        assert status == 422 and "重新打开" in text
    assert stored(node, "A-1")["model"] == "by somebody else"


async def test_a_record_is_made_deleted_and_brought_back(node: Node) -> None:
    async with browsing(node) as browser:
        new = {"id": "B-1", "f:name_zh": "离心机", "f:status": "normal", "f:value_yuan": "600000"}
        status, text = await submit(browser, "/records/new?kind=instrument", **new)
        assert status == 200 and "已新增" in text
        assert stored(node, "B-1")["value_band"] == "from_50"
        status, text = await submit(browser, "/records/new?kind=instrument", **new)
        assert status == 422 and "已有这个编号" in text
        at = "?kind=instrument&id=B-1"
        status, text, _ = await browser.post(f"/records/delete{at}", why="scrapped")
        assert status == 200 and "报废" in text and "deleted" in stored(node, "B-1")
        _, text, _ = await browser.post(f"/records/undelete{at}")
        assert "已恢复" in text and stored(node, "B-1")["name_zh"] == "离心机"


async def test_one_field_of_many_is_changed_after_a_look(node: Node) -> None:
    ids = [("id", "A-1"), ("id", "A-2")]
    async with browsing(node) as browser:
        await browser.get("/records?kind=instrument")
        chosen = [*ids, ("field", "location")]
        _, text, _ = await browser.send("/records/bulk?kind=instrument", chosen)
        assert "2 条" in text and "f:location.city" in text
        value = [*chosen, ("f:location.city", "大同市"), ("reason", "搬迁")]
        _, text, _ = await browser.send("/records/bulk/look?kind=instrument", value)
        assert "2 条会改" in text and "location" not in stored(node, "A-1")
        _, text, _ = await browser.send("/records/bulk/save?kind=instrument", value)
        assert "已修改 2 条" in text
        assert stored(node, "A-2")["location"] == {"city": "大同市"}
        _, text, _ = await browser.send("/records/bulk?kind=instrument", [("field", "location")])
        assert "没有选中" in text
        everything = [("all", "1"), ("field", "!delete"), ("why", "other")]
        _, text, _ = await browser.send("/records/bulk/save?kind=instrument&q=天平", everything)
        assert "已删除 1 条" in text and "deleted" in stored(node, "007")


async def test_the_export_has_every_field_and_ids_as_text(node: Node) -> None:
    async with browsing(node) as browser:
        await browser.get("/records/export.xlsx?kind=instrument")
        sheet = load_workbook(BytesIO(browser.body)).worksheets[0]
    head, *rows = sheet.values
    assert head is not None and head[0] == "编号" and "（元）" in "".join(map(str, head))
    found = {str(row[0]): row for row in rows}
    assert set(found) == {"A-1", "A-2", "007", "X/1?#&"}
    assert found["007"][0] == "007" and "=1+1" in found["X/1?#&"]
    assert "3200000" in found["A-1"]


@pytest.mark.parametrize(
    "path", ["/records/one?kind=instrument&id=none", "/records/new?kind=ntc", "/records/x"]
)
async def test_what_is_not_there_is_told_in_words(node: Node, path: str) -> None:
    async with browsing(node) as browser:
        status, text, _ = await browser.get(path)
        assert status == 404 and "<main" in text


async def test_every_kind_has_a_list_a_form_and_a_record_page(node: Node) -> None:
    async with browsing(node) as browser:
        _, text, _ = await browser.get("/records")
        kinds = re.findall(
            r'<option value="([a-z_]+)"[^>]*>[^<]*</option>', text.split("</select>")[0]
        )
        assert len(kinds) > 12
        for kind in kinds:
            assert (await browser.get(f"/records?kind={kind}"))[0] == 200
            assert (await browser.get(f"/records/new?kind={kind}"))[0] == 200
