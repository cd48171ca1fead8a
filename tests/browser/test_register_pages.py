"""The office's registers in a browser: a list goes in, sheets come out, an exemption is decided."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from fenhe_client.console import passwords
from fenhe_hub.console.app import make_app
from fenhe_hub.index.tables import open_index
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.browser.test_console_pages import too_wide
from tests.browser.test_hub_console_pages import sign_in
from tests.hub.consoles import Clock, console_of, department, staffed
from tests.hub.fake_node import START
from tests.hub.houses import new_hub
from tests.hub.test_office_lists import WRONG, book, row
from tests.hub.test_register import A, B, C

FAINT = Path(__file__).with_name("looks.js").read_text()
KEPT = os.environ.get("FENHE_PICTURES", "")
"""A folder for pictures, for whoever wants to look at the pages."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console of a hub that has no unit yet."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "COST", 2**4)
        hub = new_hub(tmp_path_factory.mktemp("house") / "hub")
        open_index(hub.home.index).close()
        department(hub, "jyt", A)
        staffed(hub, "operator", "administrator")
        staffed(hub, "decider", authority="jyt")
        port = free_port()

        def made() -> web.Application:
            return make_app(console_of(hub, Clock(START)))

        with running(made, port):
            yield f"http://127.0.0.1:{port}"


def look(page: Page, name: str, *, axe: bool = True) -> None:
    """It fits a desk and a phone, and everybody can use it; axe takes its time."""
    for size, view in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(view)  # type: ignore[arg-type]
        assert [name, size, *too_wide(page, view["width"])] == [name, size]
        if KEPT:
            page.screenshot(path=f"{KEPT}/{name}-{size}.png", full_page=True)
    assert [name, *page.evaluate(FAINT)] == [name]
    assert [name, *(serious(page) if axe else ())] == [name]


def test_a_list_becomes_invitations_of_one_sheet_each(chromium: Browser, site: str) -> None:
    doubtful, late = row("示例学院", C), row("示例医院", B, "示例卫生健康委员会")
    doubtful[2], late[-1] = WRONG, "2026-11-20"
    raw = book([row("示例大学", A), late, doubtful])
    with open_page(chromium, DESK) as page:
        sign_in(page, site, "operator", "/obliged")
        page.get_by_text("导入清单 (Excel").click()
        given = {"name": "清单.xlsx", "mimeType": "application/octet-stream", "buffer": raw}
        page.locator("#obliged-file").set_input_files(given)  # type: ignore[arg-type]
        page.get_by_role("button", name="看一看").click()
        expect(page.get_by_text("清单.xlsx · Sheet · C5")).to_be_visible()
        look(page, "list")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载标注了问题的工作簿").click()
        copy = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
        assert copy["Sheet"]["C5"].comment
        page.get_by_role("button", name="收下 2 行").click()
        expect(page.get_by_text("新增 2")).to_be_visible()
        page.goto(f"{site}/obliged")
        expect(page.get_by_role("row", name="示例医院")).to_contain_text("逾期未接入")
        look(page, "obliged")
        page.get_by_role("link", name="示例大学").click()
        look(page, "obliged-unit", axe=False)
        page.get_by_role("button", name="邀请并打印邀请单").click()
        expect(page.get_by_role("heading", name="接入邀请单")).to_be_visible()
        look(page, "invitation")
        printed = page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm"})
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        if KEPT:
            Path(KEPT, "invitation.pdf").write_bytes(printed)


def test_an_exemption_goes_from_the_operator_to_its_decider(chromium: Browser, site: str) -> None:
    subject = f"{A}/D1/instrument/EQ-1"
    with open_page(chromium, DESK) as page:
        sign_in(page, site, "operator", f"/exemptions?subject={subject}")
        page.get_by_role("textbox", name="理由").fill("示例理由")
        page.get_by_label("依据的文件、文号").fill("示例函〔2026〕1号")
        page.get_by_role("button", name="提出").click()
        expect(page.get_by_text("已提出 E-2026-0001")).to_be_visible()
        look(page, "exemptions", axe=False)
        page.goto(f"{site}/objections")
        look(page, "objections", axe=False)
        page.goto(f"{site}/reviews")
        look(page, "reviews", axe=False)
        page.goto(f"{site}/evaluations")
        look(page, "evaluations", axe=False)
        page.get_by_role("button", name="退出").click()
        sign_in(page, site, "decider", "/exemptions")
        page.get_by_role("link", name="E-2026-0001").click()
        look(page, "exemption")
        page.get_by_role("textbox", name="公开的理由").fill("示例理由")
        page.get_by_label("备案号").fill("示例〔2026〕2号")
        page.get_by_role("button", name="批准", exact=True).click()
        expect(page.get_by_text("已批准，与发现一起公开")).to_be_visible()
        page.get_by_role("button", name="退出").click()
        sign_in(page, site, "administrator", "/authorities")
        look(page, "authorities", axe=False)
        page.get_by_role("link", name="jyt").click()
        look(page, "authority", axe=False)
