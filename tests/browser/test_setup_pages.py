"""The first hour in a browser, from nothing to a receipt of a real hub, at desk and phone width."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from fenhe_node.config import load_config
from tests.browser.conftest import DESK, open_page
from tests.browser.looked import Looked
from tests.browser.pictures import shown_in_manuals
from tests.browser.setup_story import (
    end,
    found_unit,
    import_and_mend,
    publish,
    receive,
    trust_hub,
    wizard_at,
)
from tests.federation.province import province_in
from tests.sources import ROOT

QUICK_START = ROOT / "docs/zh-CN/quick-start.html"


def test_a_unit_goes_from_nothing_to_a_receipt_in_a_browser(
    chromium: Browser, tmp_path: Path
) -> None:
    look = Looked()

    with province_in(tmp_path) as province:
        province.found_hub()
        province.serve("hub")
        home = province.home("u1")
        with wizard_at(home) as url, open_page(chromium, DESK) as page:
            found_unit(page, url, province.url("hub"), look)
            trust_hub(page, province.fingerprint, look)
            import_and_mend(page, tmp_path, look)
            publish(page, look)
            receive(page, province, home)
            end(page, look)
            page.goto(url.partition("?")[0] + "sheet.html")
            assert sheets(page) == 1
    assert load_config(home / "config.yaml").publish_at == "30 2 * * *"
    assert shown_in_manuals("setup-") <= {*look.names}


def test_the_quick_start_prints_on_one_sheet(chromium: Browser) -> None:
    with open_page(chromium, DESK, scripts=False) as page:
        page.goto(QUICK_START.as_uri())
        assert sheets(page) == 1


def sheets(page: Page) -> int:
    """How many sheets of A4 the page takes when it is printed."""
    page.emulate_media(media="print")
    return page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
