"""What the public says of a unit, handed on by its hub: answered on the console, for everyone."""

import re
from html import unescape
from pathlib import Path

from fenhe_node.hubs.looking import look
from fenhe_protocol.notice import Notice
from tests.node.a_hub import a_hub
from tests.node.consoles import browsing
from tests.node.homes import ORIGIN, Clock, bodies, new_node, publish_all
from tests.node.said_by_a_hub import Fed, trust

CASE = "C-2026-0001"


def text_of(page: str) -> str:
    """What a person reads of it."""
    return unescape(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]))


async def test_a_word_from_the_public_is_answered_under_the_number_of_its_case(
    tmp_path: Path,
) -> None:
    clock, node = Clock(), new_node(tmp_path / "home")
    publish_all(node, clock)
    said = Notice(CASE, ORIGIN, "收费不符 <b>", "2026-12-01", "feedback", "意见转办", case=CASE)
    async with a_hub() as hub:
        await trust(node, hub)
        Fed(tmp_path / "fed", hub).say(said)
        await look(node, clock.now)
    clock.at += 60
    async with browsing(node, clock) as browser:
        _, text, _ = await browser.get("/")
        assert f"{CASE} 还没答复" in text_of(text)
        link = unescape(re.findall(r'href="(/notices/one[^"]+)"', text)[0])
        _, text, _ = await browser.get(link)
        assert "公开答复" in text and "<b>" not in text
        to = unescape(re.findall(r'action="(/notices/feedback[^"]+)"', text)[0])
        for wrong in ("", "请找王某 13800000000"):
            status, text, _ = await browser.post(to, state="answered", answer=wrong)
            assert status == 422
        status, _, _ = await browser.post(to, state="handling", answer="")
        assert status == 200
        assert f"{CASE} 还没答复" in text_of((await browser.get("/"))[1])
        await browser.get(link)
        status, text, _ = await browser.post(to, state="answered", answer="已退还")
        assert status == 200 and "已记下" in text
        await browser.post("/publish")
        assert "还没答复" not in text_of((await browser.get("/"))[1])
        assert (await browser.post("/notices/feedback?number=N-1", state="answered"))[0] == 404
    (pub,) = [b for b in bodies(node, "catalogue", "pub", 2) if b["kind"] == "feedback_reply"]
    assert (pub["id"], pub["state"], pub["answer"]) == (CASE, "answered", "已退还")
    assert pub["answered_on"] == "2026-11-23"
