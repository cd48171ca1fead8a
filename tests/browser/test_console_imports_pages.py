"""A list goes in at the console, as a person does it: given, mended, taken in, looked at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, expect

from deploy.demo.ports import free_port
from fenhe_node.console.app import make_app
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.browser.test_console_pages import too_wide
from tests.node.consoles import console_of
from tests.node.homes import instrument, new_node, put, service
from tests.node.lists import GOOD, write_xlsx

FAINT = Path(__file__).with_name("looks.js").read_text()
HEADERS = ["设备编号", "设备名称", "型号", "原值", "购置日期", "现况", "负责人"]
FEE = {
    "unit": "12140000000000019W", "kind": "fee_standard", "id": "F-1", "name_zh": "核磁收费标准",
    "lines": [{"no": 1, "item": "氢谱", "charge_unit": "sample", "external_fen": 12_000},
              {"no": 2, "item": "碳谱", "charge_unit": "hour", "external_fen": 30_000}],
}  # fmt: skip


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    node = new_node(tmp_path_factory.mktemp("node"))
    put(node, [instrument("A-1", fee_standards=["F-1"]), FEE, service("R-1", amount_fen=30_000)])

    def make() -> web.Application:
        return make_app(console_of(node))

    port = free_port()
    with running(make, port):
        yield f"http://127.0.0.1:{port}"


def test_a_list_is_given_mended_taken_in_and_looked_at(
    chromium: Browser, console: str, tmp_path: Path
) -> None:
    rows = [[*row[:5], "能用", row[6]] for row in GOOD]
    rows[1][4] = "16-5-6"
    path = write_xlsx(tmp_path / "设备台账.xlsx", [HEADERS, *rows])
    with open_page(chromium, DESK, scripts=False) as page:
        page.goto(f"{console}/imports")
        page.get_by_label("清单文件").set_input_files(path)
        page.get_by_role("button", name="先看看").click()
        expect(page.get_by_role("heading", name="设备台账.xlsx")).to_be_visible()
        expect(page.locator("#problems + form + .scroll")).to_contain_text("E3")
        page.get_by_label("原值 对应").select_option("value_yuan")
        page.get_by_label("原值 的单位").select_option("万元")
        page.get_by_label("现况 对应").select_option("status")
        page.get_by_role("button", name="保存这份清单的读法").click()
        expect(page.locator("#problems + form + .scroll")).to_contain_text("能用")
        page.get_by_label("能用 的意思").select_option("normal")
        page.get_by_role("button", name="保存这份清单的读法").click()
        page.get_by_role("button", name="收下 2 行").click()
        expect(page.get_by_role("status")).to_contain_text("收下 2 行, 退回 1 行")
        expect(page.locator("table").first).to_contain_text("E3")
        page.goto(f"{console}/tiers?kind=instrument&id=20150001")
        public, hub, _, stays = page.locator(".tiers section").all()
        expect(public).to_contain_text("扫描电子显微镜")
        expect(hub).to_contain_text("355000")
        expect(stays).to_contain_text("示例甲")


PAGES = (
    *(
        "/imports",
        "/tiers",
        "/fees",
        "/usage",
        "/usage/record?id=R-1",
        "/usage?month=2026-11&instrument=A-1",
        "/outcomes",
        "/imports/words",
    ),
    "/imports/empty",
)


def test_no_page_is_too_wide_and_axe_finds_nothing_serious(
    chromium: Browser, console: str, tmp_path: Path
) -> None:
    given = write_xlsx(tmp_path / "另一份.xlsx", [HEADERS, *GOOD, [*GOOD[0][:5], "能用", ""]])
    with open_page(chromium, DESK) as page:
        for path in PAGES:
            page.goto(console + path)
            assert [path, *too_wide(page, DESK["width"]), *serious(page)] == [path]
        page.goto(f"{console}/imports")
        page.get_by_label("清单文件").set_input_files(given)
        page.get_by_role("button", name="先看看").click()
        expect(page.get_by_role("heading", name="另一份.xlsx")).to_be_visible()
        assert [*too_wide(page, DESK["width"]), *serious(page)] == []


def test_a_phone_is_wide_enough(chromium: Browser, console: str) -> None:
    with open_page(chromium, PHONE) as page:
        for path in PAGES[::2]:
            page.goto(console + path)
            faint = page.evaluate(FAINT)
            assert [path, *too_wide(page, PHONE["width"]), *faint] == [path]
