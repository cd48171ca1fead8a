from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, expect

from deploy.demo.ports import free_port
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.node.homes import UNIT, Clock, instrument, new_node, publish_all, put
from tests.node.serving import application

FAINT = Path(__file__).with_name("looks.js").read_text()
PAGES = [
    *("/", "/?q=zzz", "/fees", "/usage-summary", "/unit", "/feedback"),
    *("/record?kind=instrument&id=A-1", "/record?kind=instrument&id=A-2"),
]
STEP = {"party": "external", "from_quantity": 100, "percent": 80}
LONG = "多通道超高分辨率三重四极杆串联质谱与核磁共振联用分析测试系统平台"


def records() -> Iterator[dict[str, object]]:
    yield instrument(
        "A-1",
        name_en="Nuclear magnetic resonance spectrometer",
        model="EX-400",
        function="测定有机化合物的结构",
        user_notice="提前一个工作日预约，样品须标明成分",
        fee_standards=["F-1"],
        booking_url="https://u1.example/booking/A-1",
    )
    yield instrument("A-2", name_zh=LONG, model="M" * 60, status="awaiting_repair")
    yield from (instrument(f"B-{n}", name_zh="扫描电子显微镜") for n in range(60))
    line = {"no": 1, "item": "氢谱", "charge_unit": "hour", "external_fen": 30050, "steps": [STEP]}
    yield {"unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "标准", "lines": [line]}
    yield {
        "unit": UNIT,
        "kind": "usage_summary",
        "id": "A-1-2026-Q3",
        "instrument": "A-1",
        "period": "2026-Q3",
        "run_minutes": 42_000,
        "effective_minutes": 36_000,
        "external_minutes": 9_000,
        "services": 120,
        "samples": 560,
        "withheld": ["external_users", "income_band"],
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    node = new_node(tmp_path_factory.mktemp("node"), url=url)
    put(node, records())
    publish_all(node, Clock())

    def make_app() -> web.Application:
        return application(node, Clock())

    with running(make_app, int(url.rpartition(":")[2])):
        yield url


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_of_a_node_fits_the_screen_and_can_be_read(
    chromium: Browser, site: str, path: str, viewport: dict[str, int]
) -> None:
    with open_page(chromium, viewport) as page:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.evaluate(FAINT) == []
        assert page.evaluate("document.getAnimations().length") == 0


def test_from_a_word_to_the_terms_of_an_instrument_without_scripts(
    chromium: Browser, site: str
) -> None:
    with open_page(chromium, PHONE, scripts=False) as page:
        page.goto(f"{site}/")
        page.get_by_role("searchbox").fill("核磁 ex-400")
        page.get_by_role("button", name="检索").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("link", name="核磁共振波谱仪").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("核磁共振波谱仪")
        for shown in ("提前一个工作日预约", "氢谱", "2026 年 3 季度", "示例大学签名"):
            expect(page.get_by_role("main")).to_contain_text(shown)


def test_a_long_list_is_ordered_and_turned_by_links(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(f"{site}/")
        page.get_by_role("link", name="编号").click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("编号")
        page.get_by_role("link", name="下一页").click()
        expect(page.locator("tbody tr")).to_have_count(12)
