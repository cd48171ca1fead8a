"""The console as staff meet it: readable at a desk and on a phone, for everyone, no scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_node.console.app import make_app
from fenhe_node.deletion import delete
from fenhe_node.node import Node
from fenhe_node.store import Store, findings, notices
from fenhe_node.store.findings import KeptFinding
from fenhe_node.store.notices import KeptNotice
from fenhe_protocol.schema import SchemaSet
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.node.consoles import console_of
from tests.node.homes import NOW, UNIT, Clock, instrument, new_node, publish_all, put, service

FAINT = Path(__file__).with_name("looks.js").read_text()
NOTICE = KeptNotice("hub.example/fenhe", "N-2026-0001", "请补充收费标准", "2026-11-20", NOW)
LONG = "多通道超高分辨率三重四极杆串联质谱与核磁共振联用分析测试系统平台"
FOUND = [
    KeptFinding(
        "hub.example/fenhe", "D2", "公开完整", "instrument", "A-1", "due", "2026-12-31", "补"
    ),
    KeptFinding("hub.example/fenhe", "D2", "公开完整", "unit", UNIT, "overdue", "2026-11-20", "补"),
]
PAGES = [
    *("/", "/records?kind=instrument", "/records?kind=instrument&q=zzz", "/publish"),
    *("/records/one?kind=instrument&id=A-1", "/records/edit?kind=instrument&id=A-1"),
    *("/records/edit?kind=fee_standard&id=F-1", "/records/new?kind=service_record"),
    *("/publish/revert", "/keys", "/help", "/notices", "/findings"),
    "/notices/one?hub=hub.example/fenhe&number=N-2026-0001",
]

ALIKE = (
    *("/records?kind=instrument&q=zzz", "/notices", "/records/new?kind=service_record"),
    *("/help", "/publish/revert", "/records/edit?kind=instrument&id=A-1"),
)
"""Pages made of the same parts as others: axe takes its time."""


def fill(node: Node, clock: Clock) -> None:
    """Records published and not, a notice, something that cannot go out."""
    line = {"no": 1, "item": "氢谱", "charge_unit": "hour", "external_fen": 30050}
    fee = {"unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "标准", "lines": [line]}
    many = (instrument(f"B-{n}", name_zh="扫描电子显微镜", model=f"S-{n}") for n in range(60))
    put(node, [instrument("A-1", name_zh=LONG, fee_standards=["F-1"]), fee, service("S-1"), *many])
    publish_all(node, clock)
    clock.at += 60
    put(node, [instrument("A-2", name_zh="天平"), instrument("A-3", function="电话 13800000000")])
    with Store.open(node.home.store) as store:
        notices.keep(store, NOTICE)
        findings.put(store, "hub.example/fenhe", FOUND, 2, NOW)
        delete(store, "instrument", "B-3", "scrapped", schemas=SchemaSet.load(), now=NOW)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from served(tmp_path_factory.mktemp("console"))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[str]:
    yield from served(tmp_path)


def served(folder: Path) -> Iterator[str]:
    """The console of a unit in the middle of its work."""
    clock = Clock()
    node = new_node(folder / "node")
    fill(node, clock)
    port = free_port()

    def made() -> web.Application:
        return make_app(console_of(node, clock))

    with running(made, port):
        yield f"http://127.0.0.1:{port}"


def too_wide(page: Page, width: int) -> list[str]:
    """Whether it has to be pushed to and fro."""
    return ["too wide"] if page.evaluate("document.documentElement.scrollWidth") > width else []


def test_every_page_fits_desk_and_phone_and_axe_finds_nothing_serious(
    chromium: Browser, site: str
) -> None:
    with open_page(chromium, DESK) as page:
        for path in PAGES:
            page.set_viewport_size(DESK)  # type: ignore[arg-type]
            page.goto(site + path)
            assert [path, *too_wide(page, DESK["width"])] == [path]
            assert [path, *(serious(page) if path not in ALIKE else ())] == [path]
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            assert [path, *too_wide(page, PHONE["width"]), *page.evaluate(FAINT)] == [path]
            assert page.evaluate("document.getAnimations().length") == 0


def test_from_a_search_to_a_publish_taken_back_without_scripts(
    chromium: Browser, fresh: str
) -> None:
    with open_page(chromium, DESK, scripts=False) as page:
        page.goto(f"{fresh}/records")
        page.get_by_role("searchbox").fill("s-7")
        page.get_by_role("button", name="检索").click()
        page.get_by_role("link", name="扫描电子显微镜").first.click()
        page.get_by_role("link", name="修改").click()
        page.get_by_label("规格型号").fill("S-7000")
        page.get_by_label("运行状态").select_option("待修")
        page.get_by_label("修改原因").fill("铭牌核对")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_role("status")).to_contain_text("已保存")
        expect(page.get_by_role("main")).to_contain_text("铭牌核对（运行状态、规格型号）")

        page.get_by_role("navigation").get_by_role("link", name="发布").click()
        expect(page.get_by_role("main")).to_contain_text("不能发布：含有个人信息")
        page.get_by_role("button", name="签名并发布").click()
        expect(page.get_by_role("alert")).to_contain_text("已签名发布 3 条")
        page.get_by_role("link", name="撤回这次").click()
        expect(page.get_by_role("main")).to_contain_text("恢复为上次发布前的内容")
        page.get_by_label("原因").fill("发早了")
        page.get_by_role("button", name="撤回并重新发布").click()
        expect(page.get_by_role("status")).to_contain_text("已撤回：3 条")


def test_a_notice_is_answered_on_a_phone_without_scripts(chromium: Browser, site: str) -> None:
    with open_page(chromium, PHONE, scripts=False) as page:
        page.goto(f"{site}/")
        page.get_by_role("link", name="省平台通知 N-2026-0001").click()
        page.get_by_label("内容").fill("本周补齐")
        page.get_by_role("button", name="记下答复").click()
        expect(page.get_by_role("status")).to_contain_text("已记下对通知 N-2026-0001 的答复")


def test_many_are_changed_with_ticks_and_a_look(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK, scripts=False) as page:
        page.goto(f"{site}/records?kind=instrument&q=S-5")
        for box in page.get_by_role("checkbox", name="选择").all()[:3]:
            box.check()
        page.get_by_label("改哪一项").select_option("生产制造商")
        page.get_by_role("button", name="下一步").click()
        page.get_by_label("生产制造商").fill("示例仪器公司")
        page.get_by_role("button", name="看看会改成什么样").click()
        expect(page.get_by_role("main")).to_contain_text("3 条会改")
        page.get_by_role("button", name="修改这 3 条").click()
        expect(page.get_by_role("status")).to_contain_text("已修改 3 条")
