"""Named sources in the console: the last run, the next, one by hand, a token that is shown once."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from fenhe_node.collecting.script_token import is_token
from fenhe_node.settings.sources import SourceSettings
from tests.node.consoles import browsing
from tests.node.homes import new_node
from tests.node.lists import GOOD, HEADERS, write_csv


def test_a_source_is_collected_by_hand_and_says_what_came_of_it(tmp_path: Path) -> None:
    place = write_csv(tmp_path / "设备.csv", [HEADERS, *GOOD])
    node = new_node(tmp_path / "node")
    sources = (
        SourceSettings(name="register", kind="file", place=str(place)),
        SourceSettings(name="gone", kind="file", place="gone.csv", when="0 3 * * *"),
        SourceSettings(name="inbox", kind="folder", place=str(tmp_path)),
    )
    node = replace(node, config=replace(node.config, sources=sources))

    async def use() -> None:
        async with browsing(node) as browser:
            _, text, _ = await browser.get("/imports/sources")
            assert text.count("现在取</button>") == 2  # a folder is watched all the time
            status, text, _ = await browser.post("/imports/sources", name="register")
            assert status == 200 and "设备.csv: 收下 3, 退回 0" in text
            status, text, _ = await browser.post("/imports/sources", name="gone")
            assert status == 422 and "source.unreadable" in text
            _, text, _ = await browser.get("/imports/sources")
            assert "失败" in text and "source.unreadable" in text
            assert (await browser.post("/imports/sources", name="nobody"))[0] == 503

    asyncio.run(use())


def test_a_token_for_scripts_is_shown_once(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")

    async def use() -> None:
        async with browsing(node) as browser:
            await browser.get("/imports/sources")
            _, text, _ = await browser.post("/imports/sources/token")
            (token,) = re.findall(r"<code>(fenhe-[^<]+)</code>", text)
            assert is_token(node.home.path, token)
            _, text, _ = await browser.get("/imports/sources")
            assert "fenhe-" not in text.partition("<main")[2]

    asyncio.run(use())
