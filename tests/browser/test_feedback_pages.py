"""The public form in a real browser: without scripts, at desk and phone, for everybody."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_client.keys import wrapping
from fenhe_hub.api.routes import add_api_routes
from fenhe_hub.feedback import handlers_key
from fenhe_hub.feedback.settings import ComplaintSettings
from fenhe_hub.office import complaining
from fenhe_hub.office.acting import Office
from fenhe_hub.portal.routes import add_portal_routes
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.hub.complaint_house import NAME, OPERATOR, PASSPHRASE, STORY
from tests.hub.index_builder import build_hub
from tests.hub.sample_records import UNIVERSITY

FAINT = Path(__file__).with_name("looks.js").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Office]]:
    port = free_port()
    made = build_hub(tmp_path_factory.mktemp("hub"), url=f"http://127.0.0.1:{port}")
    settings = ComplaintSettings(least_seconds=0)
    hub = replace(made.hub, config=replace(made.hub.config, complaints=settings))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "COST", 1 << 4)
        handlers_key.make_key(hub.home, PASSPHRASE, made.reading.now())
    office = Office(hub, made.reading.now)

    def make_app() -> web.Application:
        app = web.Application()
        add_api_routes(app, made.reading)
        add_portal_routes(app, made.reading, office)
        return app

    with running(make_app, port):
        yield made.reading.url, office


def fits(page: Page) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(FAINT) == []


def looks_right(page: Page) -> None:
    """At both widths; what axe looks at is the same at both."""
    fits(page)
    assert serious(page) == []
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    fits(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]


def test_every_page_of_a_case_can_be_read_by_everybody(
    chromium: Browser, site: tuple[str, Office]
) -> None:
    url, office = site
    with open_page(chromium, PHONE) as page:
        page.goto(f"{url}/feedback?category=platform")
        looks_right(page)
        number, secret = send(page)
        fits(page)
        _elsewhere(complaining.answer, office, OPERATOR, number, "示例答复")
        page.get_by_role("link", name="查询进展").click()
        fits(page)
        follow(page, number, secret)
        looks_right(page)
        page.goto(f"{url}/feedback/register")
        expect(page.get_by_role("cell", name=number)).to_be_visible()
        looks_right(page)


def test_a_complaint_is_sent_followed_and_answered_without_scripts(
    chromium: Browser, site: tuple[str, Office]
) -> None:
    url, office = site
    with open_page(chromium, PHONE, scripts=False) as page:
        page.goto(f"{url}/r/{UNIVERSITY}/instrument/A-1001")
        page.locator("p.lead").get_by_role("link", name="投诉与反馈").click()
        expect(page.get_by_label("哪台仪器")).to_have_value("A-1001")
        number, secret = send(page)
        _elsewhere(complaining.answer, office, OPERATOR, number, "示例答复")
        page.get_by_role("link", name="查询进展").click()
        follow(page, number, secret)
        page.get_by_label("补充的内容").fill("仍未解决")
        page.get_by_role("button", name="提交").click()
        expect(page.get_by_role("status")).to_contain_text("已收到补充")


def send(page: Page) -> tuple[str, str]:
    page.get_by_label("情况").fill(STORY)
    page.get_by_label("联系方式").fill(NAME)
    page.get_by_role("button", name="提交").click()
    return page.locator("#number").inner_text(), page.locator("#secret").inner_text()


def follow(page: Page, number: str, secret: str) -> None:
    page.get_by_label("办理编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("示例答复")).to_be_visible()


def test_what_is_wrong_is_said_beside_its_field(
    chromium: Browser, site: tuple[str, Office]
) -> None:
    page = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.goto(f"{site[0]}/feedback?category=fees")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择是哪个单位")
    page.get_by_role("link", name="请写明情况").click()
    assert page.evaluate("location.hash") == "#text"
    fits(page)
    page.close()


def test_the_form_is_filled_in_by_the_keyboard_alone(
    chromium: Browser, site: tuple[str, Office]
) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(f"{site[0]}/feedback?category=platform")
        page.get_by_label("反映什么").focus()
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.type(STORY)
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("已收到")


def _elsewhere(work: object, *arguments: object) -> None:
    # This thread has the browser's event loop.
    thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
    thread.start()
    thread.join()
