"""A service asked for, handled, rated: what both sides see. And the site as files, under nginx."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_node.attaching.attach import attach_photo
from fenhe_node.console.app import make_app as make_console_app
from fenhe_node.editing import Hand
from fenhe_node.node import Node
from fenhe_node.pages.site import file_name
from fenhe_node.settings.orders import OrderSettings
from fenhe_node.store import Store, orders, records
from fenhe_node.web.server import make_serving
from fenhe_node.web.static_site import export_site
from fenhe_protocol.schema import SchemaSet
from tests.bench.static import NGINX, nginx
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.node.consoles import console_of
from tests.node.homes import NOW, UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application
from tests.wanting import wanting

FAINT = Path(__file__).with_name("looks.js").read_text()
PHOTO = Path(__file__).with_name("photo.jpg")
RECORD = "/record?kind=instrument&id=A-1"
OTHER = "/record?kind=instrument&id=A-2"  # of which nobody asks anything here


def the_records() -> Iterator[dict[str, object]]:
    lines = [
        {
            "no": 1,
            "item": "氢谱",
            "charge_unit": "sample",
            "internal_fen": 10000,
            "external_fen": 30000,
            "small_firm_fen": 20000,
            "steps": [{"from_quantity": 10, "percent": 80}],
        },
        {"no": 2, "item": "机时", "charge_unit": "hour", "external_fen": 40000},
    ]
    yield instrument(
        "A-1",
        name_en="Nuclear magnetic resonance spectrometer",
        model="EX-400",
        manufacturer="示例仪器公司",
        function="测定有机化合物的结构",
        technical_specification="磁场强度 9.4 T；频率 400 MHz",
        user_notice="样品须标明成分，提前一个工作日送达",
        class_code="010601",
        fee_standards=["F-1"],
    )
    yield instrument("A-2", name_zh="扫描电子显微镜", class_code="010102", fee_standards=["F-1"])
    yield {
        "unit": UNIT,
        "kind": "fee_standard",
        "id": "F-1",
        "name_zh": "核磁共振收费标准",
        "lines": lines,
    }


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("node")
    node = new_node(folder / "home", url=f"http://127.0.0.1:{free_port()}")
    put(node, the_records())
    hand = Hand(SchemaSet.load(), UNIT, NOW, "示例职员")
    for id in ("A-1", "A-2"):
        attach_photo(node.home, node.config.address, id, PHOTO.read_bytes(), hand)
    publish_all(node, Clock())
    return replace(node, config=replace(node.config, orders=OrderSettings(open=True)))


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    def make_app() -> web.Application:
        return application(node, Clock())

    with running(make_app, int(node.config.address.rpartition(":")[2])):
        yield node.config.address


@pytest.fixture(scope="module")
def console(node: Node) -> Iterator[str]:
    port = free_port()
    with running(lambda: make_console_app(console_of(node)), port):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def exported(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if NGINX is None:
        wanting("nginx", "no nginx here: apt install nginx-light")
    folder = tmp_path_factory.mktemp("exported")
    export_site(make_serving(node, dict, Clock().now), folder / "site")
    with nginx(folder / "site", folder / "nginx") as (_, port):
        yield f"http://127.0.0.1:{port}"


def looks_well(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(FAINT) == []
    assert serious(page) == []


def apply(page: Page, site: str) -> str:
    """Fill in the form as a visitor does; where the request is followed."""
    page.goto(site + RECORD)
    looks_well(page)
    page.get_by_role("link", name="申请服务").first.click()
    page.get_by_label("测试内容和要求").fill("三个有机样品的氢谱，无毒 <b>急</b>")
    page.get_by_label("样品数", exact=True).fill("3")
    page.get_by_label("您是").select_option("科技型中小微企业")
    page.get_by_label("氢谱的数量").fill("3")
    page.get_by_role("button", name="计算费用").click()
    expect(page.get_by_role("status")).to_contain_text("合计 600 元")
    page.get_by_label("姓名").fill("示例用户")
    page.get_by_label("电话").fill("0351-0000000")
    looks_well(page)
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.locator(".tag")).to_have_text("已收到")
    looks_well(page)
    return page.url


def handle(page: Page, console: str, day: int) -> None:
    """From the list to done, as the unit's staff does."""
    page.goto(f"{console}/requests")
    page.locator("tbody a").first.click()
    looks_well(page)
    page.get_by_role("button", name="受理", exact=True).click()
    page.locator("#s-begin").fill(f"2026-11-{day}T09:00")
    page.locator("#s-end").fill(f"2026-11-{day}T11:00")
    page.get_by_role("button", name="排定").click()
    expect(page.locator("#minutes")).to_have_value("120")
    expect(page.locator("#yuan")).to_have_value("600.00")
    page.get_by_role("button", name="完成").click()
    expect(page.get_by_role("heading", name="更正服务记录")).to_be_visible()
    looks_well(page)


@pytest.mark.parametrize(("viewport", "day"), [(DESK, 24), (PHONE, 25)], ids=["desk", "phone"])
def test_from_a_request_to_a_rated_service_record(
    chromium: Browser, node: Node, site: str, console: str, viewport: dict[str, int], day: int
) -> None:
    with open_page(chromium, viewport) as page:
        followed = apply(page, site)
        handle(page, console, day)
        page.goto(followed)
        page.get_by_label("5 分").check()
        page.get_by_label("意见").fill("很及时")
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_role("main")).to_contain_text("5 分。谢谢。")
        looks_well(page)
    with Store.open(node.home.store) as store:
        order = orders.listed(store)[0]
        kept = records.find(store, "service_record", order.record)
    assert kept is not None
    assert (kept.record["rating"], kept.record["amount_fen"]) == (5, 60000)


def test_a_request_needs_no_scripts(chromium: Browser, site: str) -> None:
    with open_page(chromium, PHONE, scripts=False) as page:
        page.goto(f"{site}/apply?id=A-1")
        page.get_by_label("测试内容和要求").fill("氢谱")
        page.get_by_label("姓名").fill("示例用户")
        page.get_by_label("邮箱").fill("user@example.org")
        page.get_by_label("我已阅读并同意").check()
        page.get_by_role("button", name="提交申请").click()
        expect(page.locator(".tag")).to_have_text("已收到")
        page.get_by_text("撤回申请").click()
        page.get_by_role("button", name="撤回").click()
        expect(page.locator(".tag")).to_have_text("已撤回")


def test_the_data_block_of_a_page_is_read_and_does_not_run(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK) as page:  # what the policy stopped would be told on its console
        page.goto(site + RECORD)
        block = page.locator('script[type="application/ld+json"]')
        assert (
            page.evaluate("block => JSON.parse(block.textContent)['@type']", block.element_handle())
            == "Product"
        )
        assert page.evaluate("typeof Product") == "undefined"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("path", "file"),
    [(OTHER, f"/record/{file_name('instrument', 'A-2')}.html"), ("/unit", "/unit.html")],
    ids=["record", "unit"],
)
def test_the_export_looks_the_same_under_nginx(
    exported: str, chromium: Browser, site: str, path: str, file: str, viewport: dict[str, int]
) -> None:
    with open_page(chromium, viewport) as page:
        seen = []
        for address in (site + path, exported + file):
            page.goto(address)
            looks_well(page)
            # Where the checkpoint and the key are read from stands in no word of the page.
            seen.append((page.locator("body").inner_text(), page.screenshot(full_page=True)))
    assert seen[0][0] == seen[1][0]
    assert seen[0][1] == seen[1][1]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_an_instrument_is_found_in_the_export_by_letter_and_by_class(
    exported: str, chromium: Browser, viewport: dict[str, int]
) -> None:
    with open_page(chromium, viewport, scripts=False) as page:
        for way in ("H", "分析仪器"):
            page.goto(f"{exported}/")
            page.get_by_role("navigation", name="索引").get_by_role(
                "link", name=way, exact=True
            ).click()
            page.get_by_role("link", name="核磁共振波谱仪").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("核磁共振波谱仪")
            page.get_by_role("link", name="收费标准").click()
            expect(page.get_by_role("main")).to_contain_text("氢谱")
