"""The console's pages that the manual shows are there; `make pictures` draws them anew."""

from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser

from deploy.demo.ports import free_port
from fenhe_node.console.app import PAGES, make_app
from tests.browser.conftest import DESK, open_page, running
from tests.browser.pictures import IMAGES, are_drawn, draw, shown_in_manuals
from tests.browser.test_console_pages import fill
from tests.node.consoles import console_of
from tests.node.homes import Clock, new_node

PICTURES = {
    "console-today": "/",
    "console-records": "/records?kind=instrument",
    "console-edit": "/records/edit?kind=instrument&id=A-1",
    "console-imports": "/imports",
    "console-tiers": "/tiers",
    "console-usage": "/usage",
    "console-publish": "/publish",
    "console-keys": "/keys",
}


def test_every_page_of_the_console_that_the_manual_shows_is_there() -> None:
    answered = {path for module in PAGES for method, path, _ in module.ROUTES if method == "GET"}
    assert {path.partition("?")[0] for path in PICTURES.values()} <= answered
    assert shown_in_manuals("console-") <= PICTURES.keys()


def test_every_picture_in_the_manuals_is_drawn_and_no_other() -> None:
    assert shown_in_manuals("") == {path.stem for path in IMAGES.glob("*.jpg")}


@pytest.mark.skipif(not are_drawn(), reason="make pictures")
def test_the_pictures_of_the_console_are_drawn(request: pytest.FixtureRequest) -> None:
    chromium: Browser = request.getfixturevalue("chromium")
    clock = Clock()
    node = new_node(Path(request.getfixturevalue("tmp_path")) / "node")
    fill(node, clock)
    port = free_port()

    def made() -> web.Application:
        return make_app(console_of(node, clock))

    with running(made, port), open_page(chromium, DESK, scripts=False) as page:
        for name, path in PICTURES.items():
            answer = page.goto(f"http://127.0.0.1:{port}{path}")
            assert answer and answer.ok, path
            draw(name, page)
