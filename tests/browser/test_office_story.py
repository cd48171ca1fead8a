"""A unit and the office, from the invitation to an exemption, in browsers over real programs."""

import asyncio
import re
import threading
import time
from collections.abc import Callable, Coroutine
from html import unescape
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from deploy.demo.ports import free_port
from deploy.demo.programs import wait_until_up
from fenhe_node.hubs.looking import look
from fenhe_node.node import open_node
from fenhe_node.store import Store, notices
from tests.browser import office_story as story
from tests.browser.conftest import DESK, open_page, running
from tests.browser.looked import Looked
from tests.browser.pictures import shown_in_manuals
from tests.client.browsing import PASSWORD
from tests.federation.province import Province, province_in
from tests.node.consoles import console_of
from tests.node.homes import UNIT, Clock, instrument, put
from tests.node.lists import write_xlsx
from tests.patience import until

LISTED = [
    ["单位名称", "统一社会信用代码", "单位类型", "所在市", "主管部门", "接入期限"],
    [story.NAME, UNIT, "高等院校", "太原市", "示例科技厅", "2026-06-30"],
]
BOUGHT = {
    "accepted_on": "2026-08-28",
    "value_yuan": 900_000,
    "value_band": "from_50",
    "funds": ["local"],
    "general_or_special": "general",
}


def apart(work: Coroutine[Any, Any, Any]) -> None:
    """Run it in a thread of its own: the browser's loop runs in this one."""
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    thread.join()


class House:
    """The programs of the story, and where their consoles are."""

    def __init__(self, province: Province) -> None:
        self.province, self.console = province, f"http://127.0.0.1:{free_port()}"
        province.found_hub()
        at = ("--listen", province.url("hub").removeprefix("http://"))
        console = ("--console", self.console.removeprefix("http://"))
        command = ("fenhe-hub", "--home", str(province.home("hub")))
        province.start("hub", *command, "serve", *at, *console)
        wait_until_up(f"{self.console}/sign-in")
        for role in ("administrator", "operator"):
            self._account(role, role)

    def _account(self, name: str, role: str, *more: str) -> None:
        command = ("fenhe-hub", "--home", str(self.province.home("hub")), "account", "add", name)
        self.province.programs.answer(*command, "--role", role, *more, said=f"{PASSWORD}\n")

    def add_decider(self) -> None:
        self._account("decider", "decider", "--authority", "kjt")

    def hub(self, *command: str) -> Any:
        home = str(self.province.home("hub"))
        return self.province.programs.answer(
            "fenhe-hub", "--home", home, *command, allowed=(0, 3, 4)
        )

    def node(self, *command: str) -> Any:
        home = str(self.province.home("u1"))
        return self.province.programs.answer(
            "fenhe-node", "--home", home, *command, allowed=(0, 3, 4)
        )

    def public(self, path: str) -> str:
        """What everybody reads there."""
        text = re.sub(r"<[^>]+>", " ", self.province.fetch(path).decode())
        return re.sub(r"\s+", " ", unescape(text))


def found_unit(house: House) -> None:
    """A node that only pushes, with one instrument that was accepted long ago."""
    home = str(house.province.home("u1"))
    house.province.programs.answer(
        *("fenhe-node", "--home", home, "init", "--unit-name", story.NAME, "--uscc", UNIT),
        *("--origin", "u1.example/fenhe"),
    )
    house.node("trust", house.province.url("hub"), "--fingerprint", house.province.fingerprint)
    put(open_node(house.province.home("u1")), [instrument("A-1", **BOUGHT)], at=int(time.time()))


def has_heard(home: Path) -> bool:
    """Let the node look at its hub; whether there is a notice by now."""
    node = open_node(home)
    apart(look(node, lambda: int(time.time())))
    with Store.open(node.home.store) as store:
        return any(notices.every(store))


def answer_notice(house: House, page: Page, seen: Callable[[str, Page], None]) -> None:
    """The unit fetches what was said to it, objects, and publishes that."""
    node = open_node(house.province.home("u1"))
    port = free_port()
    clock = Clock(int(time.time()))
    with running(lambda: make_node_console(node, clock), port):
        page.goto(f"http://127.0.0.1:{port}/notices")
        page.locator('main a[href*="/notices/one"]').first.click()
        seen("office-answer", page)
        page.get_by_label("异议").check()
        page.get_by_label("内容").fill("验收日期登记有误")
        page.get_by_label("愿意公开的说明").fill("已提出异议")
        page.get_by_role("button", name="记下答复").click()
        expect(page.get_by_role("status")).to_be_visible()
    house.node("publish")


def make_node_console(node: Any, clock: Clock) -> Any:
    from fenhe_node.console.app import make_app

    return make_app(console_of(node, clock))


def invited_and_enrolled(
    house: House, page: Page, folder: Path, seen: Callable[[str, Page], None]
) -> None:
    """From the list of obliged units to a unit of which something is overdue."""
    story.sign_in(page, house.console, "administrator")
    story.make_authority(page, house.console)
    house.add_decider()
    page.get_by_role("button", name="退出").click()
    story.sign_in(page, house.console, "operator")
    story.invite(page, house.console, write_xlsx(folder / "应报单位.xlsx", LISTED), seen)
    found_unit(house)
    root = house.province.home("u1") / "public/root/1"
    mark = house.node("fingerprint")["fingerprint"]
    story.enrol(page, house.console, root, mark, seen)
    house.hub("sync", "--once")
    house.node("publish")
    house.hub("sync", "--once")
    house.hub("check")


def test_a_unit_is_invited_falls_late_is_told_answers_and_is_exempted(
    chromium: Browser, tmp_path: Path
) -> None:
    seen = Looked()

    with (
        province_in(tmp_path) as province,
        open_page(chromium, DESK) as page,
        open_page(chromium, DESK) as authority,
    ):
        house = House(province)
        invited_and_enrolled(house, page, tmp_path, seen)
        story.explain(page, house.console, seen)
        assert "共 0 项" in house.public("/notices")
        story.propose(page, house.console, seen)
        story.sign_in(authority, house.console, "decider")
        story.decide(authority, house.console, seen)
        until(lambda: has_heard(province.home("u1")))
        assert "晋示例〔2026〕1号" in house.public("/notices")
        answer_notice(house, page, seen)
        house.hub("sync", "--once")
        assert "已提出异议" in house.public("/notices/M-2026-0001")
        story.ask_exemption(page, house.console)
        story.grant_exemption(authority, house.console, seen)
        story.open_finding(page, house.console)
        expect(page.locator("main")).to_contain_text("已豁免")
        for path in ("/measures", "/units"):
            story.compare_export(page, house.console + path, tmp_path)
    assert shown_in_manuals("office-") <= {*seen.names}
