from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_hub.api.routes import add_api_routes
from fenhe_hub.portal.routes import add_portal_routes
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.hub.index_builder import build_hub
from tests.hub.sample_records import COMPANY, UNIVERSITY

FAINT = Path(__file__).with_name("looks.js").read_text()
RECORD = f"/r/{UNIVERSITY}/instrument/A-1001"
PAGES = [
    *("/", "/search?q=%E6%98%BE%E5%BE%AE", "/units", "/findings?state=all", "/about"),
    *("/developers", f"/u/{UNIVERSITY}", f"/u/{COMPANY}", RECORD, f"{RECORD}?verify=1"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    made = build_hub(tmp_path_factory.mktemp("hub"), url=f"http://127.0.0.1:{port}")

    def make_app() -> web.Application:
        app = web.Application()
        add_api_routes(app, made.reading)
        add_portal_routes(app, made.reading)
        return app

    with running(make_app, port):
        yield made.reading.url


def width_needed(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_page_fits_the_screen_and_can_be_read(
    chromium: Browser, site: str, path: str, viewport: dict[str, int]
) -> None:
    with open_page(chromium, viewport) as page:
        page.goto(site + path)
        assert width_needed(page) <= viewport["width"]
        assert page.evaluate(FAINT) == []
        displays = page.evaluate(
            "[...document.querySelectorAll('table')].map(t => getComputedStyle(t).display)"
        )
        assert set(displays) <= {"table"}


@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_moves(chromium: Browser, site: str, path: str) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(site + path)
        assert page.evaluate("document.getAnimations().length") == 0
        assert (
            page.evaluate("document.querySelectorAll('marquee, blink, video, audio').length") == 0
        )


def test_from_a_word_to_a_verified_record_without_scripts(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK, scripts=False) as page:
        page.goto(f"{site}/")
        page.get_by_role("searchbox").fill("核磁共振")
        page.get_by_role("button", name="检索").click()
        expect(page.get_by_role("status")).to_contain_text("3")
        page.get_by_role("link", name="核磁共振波谱仪").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("核磁共振波谱仪")
        page.get_by_role("link", name="在本页重新验证").click()
        expect(page.get_by_text("内容属于该单位")).to_be_visible()
        expect(page.locator(".steps li")).to_have_count(7)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="下载证明").click()
        assert waiting.value.path().read_bytes().startswith(b"c2sp.org/tlog-proof@v1\n")


def test_filters_are_links_that_can_be_taken_off_again(chromium: Browser, site: str) -> None:
    with open_page(chromium, PHONE) as page:
        page.goto(f"{site}/search")
        page.get_by_role("link", name="缩小范围").click()
        page.get_by_role("link", name="大同市", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("9")
        page.get_by_role("link", name="所在市：大同市").click()
        expect(page.get_by_role("status")).to_contain_text("45")


def test_the_keyboard_reaches_the_content_first(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(f"{site}/units")
        page.keyboard.press("Tab")
        skip = page.get_by_text("跳到正文")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{site}/units#main")


def test_a_record_can_be_printed_with_its_proof(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(site + RECORD)
        page.emulate_media(media="print")
        expect(page.get_by_text("省平台回执")).to_be_visible()
        expect(page.get_by_role("navigation", name="主导航")).to_be_hidden()
        expect(page.get_by_role("link", name="下载证明")).to_be_hidden()


def test_chinese_is_set_in_a_chinese_face(chromium: Browser, site: str) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(f"{site}/")
        session = page.context.new_cdp_session(page)
        session.send("DOM.enable")
        session.send("CSS.enable")
        root = session.send("DOM.getDocument")["root"]["nodeId"]
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
        fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert fonts
    assert not [font for font in fonts if "LastResort" in font["familyName"]]


@pytest.mark.parametrize("path", ["/findings?state=all", f"/u/{UNIVERSITY}"])
def test_what_to_do_is_read_on_a_phone_without_moving_the_table(
    chromium: Browser, site: str, path: str
) -> None:
    with open_page(chromium, PHONE) as page:
        page.goto(site + path)
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            todo = page.get_by_text("公开运行制度、维护制度").locator("visible=true")
            expect(todo).to_have_count(1)
            box = todo.bounding_box()
            assert box and box["x"] + box["width"] <= viewport["width"]
