"""The pictures of the manuals: pages as the tests see them, drawn anew only when it is asked for.

`make pictures` sets `FENHE_PICTURES`; then every page that a test names is kept in `docs/images`.
Else it is only seen that whatever the manuals show is still a page that some test opens.
"""

import os
import re

from playwright.sync_api import Page

from tests.sources import ROOT

IMAGES = ROOT / "docs/images"
WIDTH, HIGHEST = 860, 820  # pixels
QUALITY = 45
_LINK = re.compile(r"\]\(\.\./images/([a-z-]+)\.jpg\)")


def are_drawn() -> bool:
    """Whether pictures are asked for."""
    return "FENHE_PICTURES" in os.environ


def draw(name: str, page: Page) -> None:
    """Keep a page as the picture of this name, if it is shown and pictures are asked for."""
    if not are_drawn() or name not in shown_in_manuals(name):
        return
    before = page.viewport_size
    page.set_viewport_size({"width": WIDTH, "height": 400})
    high = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(high, HIGHEST)})
    page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=QUALITY)
    if before:
        page.set_viewport_size(before)


def shown_in_manuals(prefix: str) -> set[str]:
    """The pictures in the Chinese manuals whose names begin so."""
    texts = [path.read_text("utf-8") for path in sorted((ROOT / "docs/zh-CN").glob("*.md"))]
    names = {name for text in texts for name in _LINK.findall(text)}
    return {name for name in names if name.startswith(prefix)}
