"""A page as a person meets it on a walk: drawn for the manual, fit for desk, phone and everyone."""

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.axe import serious
from tests.browser.conftest import DESK, PHONE
from tests.browser.pictures import draw

FAINT = Path(__file__).with_name("looks.js").read_text()


class Looked:
    """Looks at pages by name; `names` are those seen so far."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str, page: Page) -> None:
        self.names.append(name)
        draw(name, page)
        for viewport in (PHONE, DESK):
            page.set_viewport_size(viewport)  # type: ignore[arg-type]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            assert page.evaluate(FAINT) == [], name
        assert serious(page) == [], name
