"""Measures on units that have no node: on paper, delivered by hand, carried over to the node."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.api.reading import reading_of
from fenhe_hub.casework.obliged import Obliged
from fenhe_hub.fed.round import FedRound
from fenhe_hub.hub import Hub
from fenhe_hub.office import obliging
from fenhe_hub.office.acting import Office
from fenhe_hub.office.said_by_units import take_said
from fenhe_hub.office.staff import THE_HUB
from fenhe_protocol.encoding import date_at
from tests.client.browsing import Browser
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.fake_node import START, FakeNode
from tests.hub.houses import enrolled
from tests.hub.mouth import BASE, ask, fetch, serving
from tests.hub.provinces import Province, founded

DAY = 86_400
TODAY = date_at(START)
BY = [("document_no", "晋示例发〔2026〕2号"), ("decided_on", TODAY)]
WHY = ("reason", "示例：多次催办未接入")


@asynccontextmanager
async def before(hub: Hub, name: str, at: int = START) -> AsyncIterator[Browser]:
    async with browsing(hub, Clock(at)) as browser:
        await browser.sign_in(name)
        await browser.get("/")
        yield browser


@pytest.fixture
async def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Province]:
    """A unit with a node; two on the register without one, of which one is late."""
    monkeypatch.setattr(passwords, "COST", 2**4)
    async with founded(tmp_path, units=1) as province:
        hub = province.hub
        late, early = (FakeNode(tmp_path / f"u{n}", n) for n in (2, 3))
        province.nodes += [late, early]
        due = (date_at(START - 3 * DAY), date_at(START + 3 * DAY))
        for node, day in zip((late, early), due, strict=True):
            told = Obliged(node.uscc, f"示例单位{day}", "institute", "", "", "", "yes", {}, day)
            obliging.list_units(Office(hub, lambda: START), THE_HUB, [told])
        department(hub, "KJT", covers="all")
        staffed(hub, "operator-1", "viewer-1")
        staffed(hub, "decider-1", authority="KJT")
        await province.sync()
        yield province


async def sent(browser: Browser, path: str, *form: tuple[str, str]) -> tuple[int, str]:
    status, text, _ = await browser.send(path, [*form])
    return status, text


async def proposed(hub: Hub, late: str, early: str) -> None:
    """The register is the ground: of who is late for any measure, of others for a reminder."""
    async with before(hub, "operator-1") as browser:
        _, text, _ = await browser.get(f"/obliged/{late}")
        assert f"/measures/propose/{late}" in text
        assert "没有按期接入" in (await browser.get(f"/measures/propose/{late}"))[1]
        path, kind = f"/measures/propose/{early}", ("kind", "criticism")
        assert (await sent(browser, path, kind, WHY))[0] == 422
        personal = ("text", "{{ findings }} 请电 13800000000")
        assert (await sent(browser, path, ("kind", "reminder"), WHY, personal))[0] == 422
        status, text = await sent(browser, path, ("kind", "reminder"), WHY, ("look", "yes"))
        assert status == 200 and "书面答复" in text
        status, text = await sent(browser, f"/measures/propose/{late}", kind, WHY)
        assert status == 200 and "M-2026-0001" in text and "应报单位名单" in text


async def decided(hub: Hub, late: str) -> None:
    """Decided by document, printed, delivered on a day that is possible."""
    notice = f"/notices/{late}/N-2026-0001"
    async with before(hub, "decider-1") as browser:
        status, text = await sent(browser, f"/measures/{late}/M-2026-0001/decide", *BY)
        assert status == 200 and "打印或邮件寄出" in text
    async with before(hub, "operator-1", START + DAY) as browser:
        assert "仍未接入" in (await browser.get(f"{notice}/sheet"))[1]
        slip = (("how", "post"), ("note", "挂号 XA0000001"))
        for day in (START - DAY, START + 2 * DAY):
            assert (await sent(browser, f"{notice}/delivered", *slip, ("on", date_at(day))))[
                0
            ] == 422
        status, text = await sent(browser, f"{notice}/delivered", *slip, ("on", TODAY))
        assert status == 200 and "邮寄签收，挂号 XA0000001" in text and "节点取走" not in text
        assert "通报" in (await browser.get(f"/obliged?q={late}"))[1]


async def test_a_unit_without_a_node_is_criticised_on_paper_and_its_node_is_told_later(
    province: Province,
) -> None:
    hub, (_, late, early) = province.hub, province.nodes
    await proposed(hub, late.uscc, early.uscc)
    await decided(hub, late.uscc)
    reading = replace(reading_of(hub, lambda: START), url=f"https://hub.example{BASE}")
    async with serving(reading) as client:
        (item,) = (await ask(client, "/measures"))["items"]
        assert (item["unit"], item["has_node"]) == (late.uscc, False)
        _, raw = await fetch(client, f"{BASE}/notices/M-2026-0001")
        page = raw.decode()
        assert "尚未接入" in page and "仍未接入" in page and f"/u/{late.uscc}" not in page
    assert not province.said("ntc")
    late.clock = lambda: province.now
    async with late.serving():
        await enrolled(hub, late)
        await province.sync()
        assert take_said(hub, lambda: province.now) == 1
        assert take_said(hub, lambda: province.now) == 0
        await province.sync_and_say()
    (word,) = province.said("ntc").values()
    assert word["to"] == late.origin and word["case"] == "M-2026-0001"
    assert re.search(r"编号 N-2026-0001.*编号 N-2026-0002", word["text"])
    async with before(hub, "operator-1", province.now) as browser:
        path = f"/measures/{late.uscc}/M-2026-0001"
        text = (await browser.get(path))[1]
        assert "补送单位节点" in text and f"/unit/{late.uscc}" in text


async def test_what_was_proposed_of_a_unit_that_enrols_meanwhile_is_not_decided(
    province: Province,
) -> None:
    hub, (_, late, early) = province.hub, province.nodes
    await proposed(hub, late.uscc, early.uscc)
    late.clock = lambda: province.now
    async with late.serving():
        await enrolled(hub, late)
        await province.sync()
    async with before(hub, "decider-1") as browser:
        status, text = await sent(browser, f"/measures/{late.uscc}/M-2026-0001/decide", *BY)
        assert status == 409 and "measure.gone" in text
        path = f"/measures/{late.uscc}/M-2026-0001/reject"
        assert (await sent(browser, path, ("reason", "示例：已接入")))[0] == 200
    with FedRound(hub) as fed:
        fed.publish(province.now + 60)
