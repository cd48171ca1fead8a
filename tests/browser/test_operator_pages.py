"""The pages by which operators work: at a desk, on a phone, on paper, by keyboard, for everyone."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from aiohttp import web
from playwright.sync_api import Browser, expect

from deploy.demo.ports import free_port
from fenhe_client.console import passwords
from fenhe_hub.console.app import make_app
from fenhe_hub.hub import Hub
from fenhe_hub.trends.counting import count_day
from fenhe_hub.upstream.outbox import Candidate, Item, ItemState
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.seam import Reply
from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE, open_page, running
from tests.browser.test_console_pages import too_wide
from tests.browser.test_hub_console_pages import sign_in
from tests.hub import sample_records as samples
from tests.hub.consoles import Clock, console_of, staffed
from tests.hub.fake_node import FakeNode
from tests.hub.index_builder import build_hub
from tests.hub.index_rows import NOW

PAGES = (
    *("/enrolment", "/registry", "/harvest", "/quarantine", "/forwarding", "/charts", "/rules"),
    *("/rules/history", "/rules/what-if", "/rules/workdays"),
)
AXED = ("/enrolment", "/forwarding", "/charts")
"""Of pages made of the same parts one is enough: axe takes its time."""


def _forwarded(hub: Hub) -> None:
    with closing(OutboxStore(hub.home.outbox)) as outbox, outbox.transaction():
        for number, state in enumerate((ItemState.DONE, ItemState.RETURNED, ItemState.WAITING)):
            key = Candidate(
                samples.UNIVERSITY, "instrument", f"A-{number}", "u", number, "0", "{}", "x"
            )
            item = Item(key, state, attempts=1, code=202 if state is ItemState.RETURNED else None)
            outbox.put(item)
            outbox.keep_reply(item, Reply(202, "202 postalcode 缺失"), NOW)
        outbox.hold("7", "示例：年度未到", NOW)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> FakeNode:
    return FakeNode(tmp_path_factory.mktemp("node"), 7)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, node: FakeNode) -> Iterator[str]:
    """The console of a hub in the middle of its work, and a node that is not enrolled."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "COST", 2**4)
        hub = build_hub(tmp_path_factory.mktemp("hub")).hub
        staffed(hub, "operator", at=NOW)
        _forwarded(hub)
        count_day(hub.home, NOW)
        port = free_port()

        def made() -> web.Application:
            return make_app(console_of(hub, Clock(NOW)))

        with running(made, port), running(node.application, node.port):
            yield f"http://127.0.0.1:{port}"


def test_every_page_fits_desk_phone_and_paper_and_axe_finds_nothing_serious(
    chromium: Browser, site: str
) -> None:
    with open_page(chromium, DESK) as page:
        sign_in(page, site, "operator")
        for path in PAGES:
            page.set_viewport_size(DESK)  # type: ignore[arg-type]
            page.goto(site + path)
            assert [path, *too_wide(page, DESK["width"])] == [path]
            assert [path, *(serious(page) if path in AXED else ())] == [path]
            page.set_viewport_size(PHONE)  # type: ignore[arg-type]
            assert [path, *too_wide(page, PHONE["width"])] == [path]
        page.goto(f"{site}/charts")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 720, "height": 1000})
        assert too_wide(page, 720) == []
        expect(page.locator("svg.chart").first).to_be_visible()
        expect(page.locator("nav.tabs")).to_be_hidden()


def test_a_unit_is_enrolled_by_keyboard_alone_and_without_scripts(
    chromium: Browser, site: str, node: FakeNode
) -> None:
    with open_page(chromium, PHONE, scripts=False) as page:
        sign_in(page, site, "operator", "/enrolment")
        page.get_by_label("节点的地址").focus()
        page.keyboard.type(node.url)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="A-2026-0001")).to_be_visible()
        assert too_wide(page, PHONE["width"]) == []
        page.get_by_label("请单位念出 64 位指纹").focus()
        page.keyboard.type(node.fingerprint.upper())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"已登记 {node.origin}")).to_be_visible()
        page.goto(f"{site}/registry")
        page.get_by_role("link", name=node.origin).click()
        page.get_by_role("radio", name="暂停展示").check()
        page.get_by_label("原因（会公布").fill("示例：等单位回话")
        page.get_by_role("button", name="办理").click()
        expect(page.get_by_role("heading", name="已暂停")).to_be_visible()
