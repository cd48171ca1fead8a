"""A unit's first hour in a browser, led from page to page; `seen` gets each page as it stands.

The hub is a real one; what its operator does by telephone and by command is done here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from deploy.demo.ports import free_port
from fenhe_node.console.wizard import Wizard
from fenhe_node.console.wizard_steps import Desk
from fenhe_node.node import open_node
from tests.browser.conftest import running
from tests.federation.province import Province
from tests.node.lists import GOOD, HEADERS, write_xlsx

USCC, NAME = "12140000000000019W", "示例大学"
WRONG = ["20150004", "热分析仪", "EX-4", "35万", "2018-01-02", "正常", "示例丁"]
Seen = Callable[[str, Page], None]


@contextmanager
def wizard_at(home: Path) -> Iterator[str]:
    """Serve a wizard for this home; the address that opens it once."""
    wizard = Wizard(Desk(home, lambda: int(time.time())))
    port = free_port()
    with running(wizard.make_app, port):
        yield f"http://127.0.0.1:{port}/?token={wizard.token}"


def found_unit(page: Page, url: str, hub: str, seen: Seen) -> None:
    """The code is mistyped first, and said to be."""
    page.goto(url)
    page.wait_for_url("**/")
    seen("setup-unit", page)
    for label, text in (
        ("统一社会信用代码", "12140000000000018W"),
        ("单位全称", NAME),
        ("省平台网址", hub),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="检查并建立节点").click()
    expect(page.get_by_role("alert")).to_contain_text("第 17 位“8”(可能是 9)")
    expect(page.get_by_label("单位全称")).to_have_value(NAME)
    seen("setup-code", page)
    page.get_by_label("统一社会信用代码").fill(USCC)
    page.get_by_role("button", name="检查并建立节点").click()
    expect(page.get_by_role("status")).to_contain_text("节点已建好")


def trust_hub(page: Page, mark: str, seen: Seen) -> None:
    """Another group than the last one is refused first."""
    seen("setup-hub", page)
    for heard in ("xxxx", mark[-4:]):
        page.get_by_label("十六组全都一样").fill(heard)
        page.get_by_role("button", name="一样，信任它").click()
    expect(page.get_by_role("status")).to_contain_text("已信任")


def import_and_mend(page: Page, folder: Path, seen: Seen) -> None:
    """One row is refused, mended where it is marked, and given back."""
    listed = write_xlsx(folder / "台账.xlsx", [HEADERS, *GOOD, WRONG])
    page.get_by_label("清单文件").set_input_files(listed)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("status")).to_contain_text("收下 3, 退回 1")
    seen("setup-lists", page)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载标注了错误的表格").click()
    marked = folder / download.value.suggested_filename
    download.value.save_as(marked)
    book = load_workbook(marked)
    book.worksheets[0]["D5"].value = "35"
    book.save(marked)
    page.get_by_label("改好的清单").set_input_files(marked)
    page.get_by_role("button", name="导入").click()
    expect(page.get_by_role("status")).to_contain_text("收下 4, 退回 0")


def publish(page: Page, seen: Seen) -> None:
    """After a look at what each side would see."""
    expect(page.get_by_role("heading", name="留在单位").first).to_be_visible()
    seen("setup-preview", page)
    page.get_by_role("button", name="签名并发布").click()
    expect(page.get_by_role("status")).to_contain_text("已签名发布 5 条")
    seen("setup-receipt", page)


def receive(page: Page, province: Province, home: Path) -> None:
    """The hub's operator enrols the unit; then the receipt is soon there."""
    mark = open_node(home).fingerprint
    root = str(home.parent / "root-1")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载这个文件").click()
    download.value.save_as(root)
    # In a process of its own: the browser's loop runs in this one.
    hub = ("fenhe-hub", "--home", str(province.home("hub")))
    province.programs.answer(*hub, "enrol", "--root-file", root, "--fingerprint", mark)
    look_again = page.get_by_role("link", name="看看回执到了没有")
    for _ in range(60):
        look_again.click()
        page.wait_for_load_state()
        if not look_again.count():
            break
        page.wait_for_timeout(1000)
    expect(page.get_by_role("heading", name="定时发布")).to_be_visible()


def end(page: Page, seen: Seen) -> None:
    """The schedule and the sheet."""
    page.get_by_role("button", name="定下来").click()
    page.get_by_label("省平台的联系人和电话").fill("示例窗口 0351-0000000")
    page.get_by_role("button", name="写交接单").click()
    expect(page.get_by_role("heading", name="全部完成")).to_be_visible()
    seen("setup-done", page)
