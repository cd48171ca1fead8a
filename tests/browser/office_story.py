"""The office's part of a unit's story, step by step at the console; each begins on any page.

The hub and the node are real ones, each in a process of its own.
"""

import re
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.client.browsing import PASSWORD

NAME = "示例大学"
RULE = ("D1", "instrument", "A-1")
Seen = Callable[[str, Page], None]


def sign_in(page: Page, site: str, name: str) -> None:
    """To the first page."""
    page.goto(f"{site}/sign-in")
    page.get_by_label("账号").fill(name)
    page.get_by_label("口令").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()


def make_authority(page: Page, site: str) -> None:
    """The administrator's work: a department with all units."""
    page.goto(f"{site}/authorities")
    page.get_by_label("编号，如 kjt").fill("kjt")
    page.get_by_label("名称", exact=True).fill("示例科技厅")
    page.get_by_label("范围").select_option("all")
    page.get_by_label("自（含当日）").first.fill("2020-01-01")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("link", name="kjt")).to_be_visible()


def invite(page: Page, site: str, listed: Path, seen: Seen) -> None:
    """From the list in Excel to the sheet that is printed; the deadline has passed already."""
    page.goto(f"{site}/obliged")
    page.get_by_text("导入清单 (Excel").click()
    page.get_by_label("文件").set_input_files(listed)
    page.get_by_role("button", name="看一看").click()
    expect(page.get_by_role("button", name="收下 1 行")).to_be_visible()
    page.get_by_role("button", name="收下 1 行").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(f"{site}/obliged")
    page.get_by_role("button", name="邀请未邀请的 1 个单位").click()
    expect(page.get_by_role("heading", name="接入邀请单")).to_be_visible()
    seen("office-invitation", page)
    page.goto(f"{site}/obliged?state=late")
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    seen("office-obliged", page)


def enrol(page: Page, site: str, root: Path, heard: str, seen: Seen) -> None:
    """Two fingerprints side by side: what the node serves, what was heard by telephone."""
    page.goto(f"{site}/enrolment")
    page.get_by_label("单位交来的 root/1 文件").set_input_files(root)
    page.get_by_role("button", name="读取指纹").last.click()
    seen("office-enrolment", page)
    page.get_by_label("请单位念出").fill(heard)
    page.get_by_role("button", name="一致，登记").click()
    expect(page.get_by_role("status")).to_be_visible()


def open_finding(page: Page, site: str) -> None:
    """The overdue one of the story."""
    page.goto(f"{site}/findings?state=all&q={RULE[2]}&rule={RULE[0]}")
    page.get_by_role("link", name=RULE[2], exact=True).click()
    expect(page.get_by_role("heading", name=RULE[0])).to_be_visible()


def explain(page: Page, site: str, seen: Seen) -> None:
    """Day by day."""
    open_finding(page, site)
    expect(page.locator("main")).to_contain_text("逾期")
    seen("office-finding", page)
    page.get_by_role("link", name="怎么算出来的").click()
    expect(page.locator("main")).to_contain_text("调休上班")
    seen("office-why", page)


def propose(page: Page, site: str, seen: Seen) -> None:
    """A public notice, looked at before it is proposed."""
    open_finding(page, site)
    page.get_by_role("link", name="提出措施").click()
    page.get_by_label("措施", exact=True).select_option(label="通报")
    page.get_by_label("理由").fill("逾期报送")
    page.get_by_label("公开").check()
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_text("以上为预览")).to_be_visible()
    seen("office-propose", page)
    page.get_by_role("button", name="提出，交主管部门决定").click()


def open_measure(page: Page, site: str) -> None:
    """The one of the story."""
    page.goto(f"{site}/measures")
    page.locator("main tbody a").first.click()


def decide(page: Page, site: str, seen: Seen) -> None:
    """By the authority's own account, with its document."""
    open_measure(page, site)
    page.locator("#decide-no").fill("晋示例〔2026〕1号")
    page.get_by_role("button", name="按此文件决定，通知单位").click()
    expect(page.locator("main")).to_contain_text("晋示例〔2026〕1号")
    seen("office-measure", page)


def ask_exemption(page: Page, site: str) -> None:
    """The operator's proposal."""
    open_finding(page, site)
    page.get_by_role("link", name="提出豁免").click()
    page.locator("#reason").fill("安装后停机检修")
    page.get_by_label("依据的文件、文号").fill("示例校发〔2026〕3号")
    page.get_by_role("button", name="提出", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()


def grant_exemption(page: Page, site: str, seen: Seen) -> None:
    """The authority's decision."""
    page.goto(f"{site}/exemptions")
    page.locator("main tbody a").first.click()
    page.get_by_label("公开的理由").fill("停机检修，已核实")
    page.get_by_label("备案号").fill("晋示例备〔2026〕2号")
    page.get_by_role("button", name="批准", exact=True).click()
    expect(page.locator("main")).to_contain_text("晋示例备〔2026〕2号")
    seen("office-exemption", page)


def compare_export(page: Page, url: str, folder: Path) -> None:
    """What the list shows is what its workbook holds, ids as text."""
    page.goto(url)
    heads = page.locator("main thead th").all_inner_texts()
    shown = [row.locator("td").all_inner_texts() for row in page.locator("main tbody tr").all()]
    with page.expect_download() as given:
        page.get_by_role("link", name="Excel").click()
    file = folder / given.value.suggested_filename
    given.value.save_as(file)
    sheet = load_workbook(file).worksheets[0]
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    assert len(rows) == len(shown) + 1
    titles = {title.partition(" ")[0] for title in rows[0]}
    assert {head.strip(" ↑↓") for head in heads} <= titles
    for cells, row in zip(shown, rows[1:], strict=True):
        kept = {squeezed(cell) for cell in row}
        assert {squeezed(cell) for cell in cells} - kept <= {"—", ""}


def squeezed(text: str) -> str:
    """Without the spaces and seconds in which a page and a workbook differ."""
    return re.sub(r"T(\d\d:\d\d):\d\d\+08:00", r"\1", "".join(text.split()))
