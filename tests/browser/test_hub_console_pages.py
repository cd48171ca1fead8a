"""The hub's console as its office meets it: readable at a desk and on a phone, for everyone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_client.console import passwords
from fenhe_hub.console.app import make_app
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.browser.test_console_pages import too_wide
from tests.client.browsing import PASSWORD
from tests.hub import sample_records as samples
from tests.hub.consoles import Clock, console_of, department, staffed
from tests.hub.index_builder import build_hub
from tests.hub.index_rows import NOW

FAINT = Path(__file__).with_name("looks.js").read_text()
_FINDING = f"{samples.UNIVERSITY}?rule=D1&kind=instrument&id=A-1003"
PAGES = (
    *("/", "/units", "/findings", "/findings?q=none", "/accounts", "/audit", "/settings"),
    *(f"/unit/{samples.UNIVERSITY}", f"/unit/{samples.UNIVERSITY}/acts", f"/finding/{_FINDING}"),
    "/password",
)
ALIKE = (
    "/settings",
    "/findings",
    "/audit",
    "/findings?q=none",
    f"/unit/{samples.UNIVERSITY}/acts",
    "/password",
)
"""Pages made of the same parts as others: axe takes its time."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console of a hub in the middle of its work."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "COST", 2**4)
        hub = build_hub(tmp_path_factory.mktemp("hub")).hub
        department(hub, "Z1", samples.UNIVERSITY, at=NOW)
        staffed(hub, "administrator", at=NOW)
        staffed(hub, "viewer", authority="Z1", at=NOW)
        port = free_port()

        def made() -> web.Application:
            return make_app(console_of(hub, Clock(NOW)))

        with running(made, port):
            yield f"http://127.0.0.1:{port}"


def sign_in(page: Page, site: str, name: str, path: str = "/") -> None:
    """By keyboard alone."""
    page.goto(f"{site}{path}")
    page.locator("#name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_every_page_fits_desk_and_phone_and_axe_finds_nothing_serious(
    chromium: Browser, site: str
) -> None:
    with open_page(chromium, DESK) as page:
        page.goto(f"{site}/sign-in")
        assert serious(page) == []
        sign_in(page, site, "administrator")
        for path in PAGES:
            page.set_viewport_size(DESK)  # type: ignore[arg-type]
            page.goto(site + path)
            assert [path, *too_wide(page, DESK["width"])] == [path]
            assert [path, *(serious(page) if path not in ALIKE else ())] == [path]
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            assert [path, *too_wide(page, PHONE["width"]), *page.evaluate(FAINT)] == [path]


def test_a_department_goes_from_today_to_the_finding_without_scripts(
    chromium: Browser, site: str
) -> None:
    with open_page(chromium, PHONE, scripts=False) as page:
        sign_in(page, site, "viewer", "/findings?state=overdue")
        expect(page.get_by_role("heading", name="发现")).to_be_visible()  # where it wanted to go
        page.get_by_role("link", name="今天").click()
        page.get_by_role("link", name="D1").click()
        page.get_by_role("link", name="A-1003").click()
        expect(page.get_by_text("于2026-11-20前补齐")).to_be_visible()
        page.get_by_role("link", name="示例大学").click()
        expect(page.get_by_role("heading", name="经过")).to_be_visible()
        page.goto(f"{site}/units")
        expect(page.locator("tbody tr")).to_have_count(1)
        page.goto(f"{site}/findings")
        page.get_by_label("单位、代码或编号").fill("A-1006")
        page.get_by_role("button", name="筛选").click()
        expect(page.locator("tbody tr")).to_have_count(1)
        with page.expect_download() as given:
            page.get_by_role("link", name="Excel").click()
        assert given.value.suggested_filename == "findings-2026-11-23.xlsx"
        page.get_by_role("button", name="退出").click()
        expect(page.get_by_role("heading", name="登录管理台")).to_be_visible()
