"""The public form over real sockets: what it takes, what it refuses, what it shows to whom."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.keys import wrapping
from fenhe_client.strangers import MOST_FIELDS
from fenhe_hub.casework import complaints
from fenhe_hub.casework.book import open_casework
from fenhe_hub.feedback.sealing import Secret
from fenhe_hub.feedback.subjects import Route, State
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import complaining, complaint_replies, complaint_routing
from fenhe_hub.operations.complaints import tend_complaints
from tests.hub.complaint_house import (
    NAME,
    OPERATOR,
    PHONE,
    PLANTED,
    STORY,
    ComplaintHouse,
    with_key,
)
from tests.hub.fake_node import START, instrument
from tests.hub.houses import Visitor, new_hub, served
from tests.hub.pages import Page
from tests.hub.provinces import founded

NASTY = '<script>alert(1)</script>\n=HYPERLINK("x")\n@SUM(1)'


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "COST", 1 << 4)


@asynccontextmanager
async def open_door(
    tmp_path: Path, **settings: int
) -> AsyncIterator[tuple[Visitor, ComplaintHouse]]:
    """A served hub that takes complaints as soon as they are sent."""
    house = with_key(new_hub(tmp_path / "hub"), START, **{"least_seconds": 0, **settings})
    open_index(house.hub.home.index).close()
    async with served(house.hub) as visitor:
        yield visitor, house


async def page_of(visitor: Visitor, path: str, status: int = 200) -> Page:
    async with visitor.session.get(f"{visitor.hub.config.public_url}{path}") as answer:
        assert answer.status == status, await answer.text()
        return Page(await answer.text())


async def send(
    visitor: Visitor,
    form: dict[str, str],
    *,
    path: str = "/feedback",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Page:
    url = f"{visitor.hub.config.public_url}{path}"
    async with visitor.session.post(url, data=form, headers=headers) as answer:
        assert answer.status == status, await answer.text()
        if status in (200, 422):
            assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
        return Page(await answer.text())


def ticket_of(page: Page) -> str:
    return next(str(e["value"]) for e in page.all("input") if e.get("name") == "ticket")


async def filled(visitor: Visitor, **fields: str) -> dict[str, str]:
    ticket = ticket_of(await page_of(visitor, "/feedback"))
    said = {"category": "platform", "text": STORY, "contact": f"{NAME} {PHONE}"}
    return {**said, "ticket": ticket, **fields}


def case_of(page: Page) -> tuple[str, str]:
    number = re.search(r"C-\d{4}-\d{4}", page.words())
    secret = re.search(r"(?:[0-9A-Z]{5}-){3}[0-9A-Z]{5}", page.words())
    assert number and secret
    return number[0], secret[0]


def kept(house: ComplaintHouse) -> list[Any]:
    with open_casework(house.hub.home) as casework:
        return list(complaints.cases(casework.db))


async def test_a_complaint_gets_a_number_and_a_secret_that_shows_its_answer(
    tmp_path: Path,
) -> None:
    async with open_door(tmp_path) as (visitor, house):
        number, secret = case_of(await send(visitor, await filled(visitor)))
        complaining.answer(house.office, OPERATOR, number, f"示例答复 {NASTY}")
        key = {"number": number.lower(), "secret": f" {secret.lower().replace('-', ' ')}"}
        page = await send(visitor, key, path="/feedback/case")
        assert "已答复" in page.words() and "示例答复 <script>alert(1)" in page.text
        assert not page.all("script")
        more = {**key, "do": "add", "text": "仍未解决", "ticket": ticket_of(page)}
        assert "重新办理" in (await send(visitor, more, path="/feedback/case")).words()
        assert kept(house)[0].state == State.REOPENED
        again = await send(visitor, more, path="/feedback/case", status=400)  # the same ticket
        assert "已提交过" in again.words()


async def test_number_without_its_secret_says_nothing(tmp_path: Path) -> None:
    async with open_door(tmp_path) as (visitor, house):
        number = house.complain()
        other = house.secrets[house.complain()]
        for wrong in (other.shown, "", "O" * 20, "x" * 500):
            form = {"number": number, "secret": wrong}
            page = await send(visitor, form, path="/feedback/case", status=404)
            assert "没有这个编号" in page.words()
        absent = {"number": "C-2026-9999", "secret": other.shown}
        await send(visitor, absent, path="/feedback/case", status=404)


async def test_each_form_is_good_once_and_only_from_here(tmp_path: Path) -> None:
    async with open_door(tmp_path, least_seconds=0) as (visitor, house):
        form = await filled(visitor)
        for place in (
            {"Origin": "https://elsewhere.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            await send(visitor, form, status=403, headers=place)
        url = visitor.hub.config.public_host
        await send(visitor, form, headers={"Origin": url, "Sec-Fetch-Site": "same-origin"})
        assert "已提交过" in (await send(visitor, form, status=400)).words()
        for bad in ("", "1.2.3", f"{START}.aa.bb", form["ticket"][:-1] + "x"):
            await send(visitor, {**form, "ticket": bad}, status=400)
        assert len(kept(house)) == 1


async def test_what_is_sent_at_once_or_into_the_trap_is_not_taken(tmp_path: Path) -> None:
    async with open_door(tmp_path, least_seconds=5) as (visitor, house):
        form = await filled(visitor)
        page = await send(visitor, form, status=400)
        assert "太快" in page.words() and STORY in page.text
        assert ticket_of(page) == form["ticket"]  # and may be sent again a little later
        await send(visitor, {**form, "website": "x"}, status=400)
        assert kept(house) == []


async def test_a_network_sends_only_so_many_and_others_go_on(tmp_path: Path) -> None:
    async with open_door(tmp_path, most_a_day_each=1) as (visitor, house):
        first, second = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
        await send(visitor, await filled(visitor), headers=first)
        await send(visitor, await filled(visitor), headers=first, status=429)
        await send(visitor, await filled(visitor), headers=second)
        assert len(kept(house)) == 2


async def test_the_whole_world_sends_only_so_many_an_hour(tmp_path: Path) -> None:
    async with open_door(tmp_path, most_an_hour=1) as (visitor, house):
        await send(visitor, await filled(visitor))
        page = await send(visitor, await filled(visitor), status=429)
        assert "太多" in page.words()
        assert len(kept(house)) == 1


async def test_what_is_too_large_or_no_form_is_refused(tmp_path: Path) -> None:
    async with open_door(tmp_path) as (visitor, house):
        page = await send(visitor, await filled(visitor, text="长" * 4001), status=422)
        assert "最多 4000 个字" in page.words()
        await send(visitor, await filled(visitor, text="x" * 70_000), status=413)
        await send(visitor, {str(n): "" for n in range(MOST_FIELDS + 1)}, status=400)
        await send(visitor, await filled(visitor, text="\u202e倒写"), status=422)
        await send(visitor, await filled(visitor, text=" \n"), status=422)
        await send(visitor, await filled(visitor, category="fees"), status=422)  # whose?
        await send(visitor, await filled(visitor, category="?", unit="?"), status=422)
        url = f"{visitor.hub.config.public_url}/feedback"
        async with visitor.session.post(url, json={"text": "x"}) as answer:
            assert answer.status == 415
        assert kept(house) == []


async def test_hostile_text_comes_back_as_text(tmp_path: Path) -> None:
    async with open_door(tmp_path) as (visitor, _):
        form = await filled(visitor, category="", text=NASTY, contact='" onfocus="x', record="<b>")
        page = await send(visitor, form, status=422)
        assert not page.all("script") and not page.all("b")
        assert not [tag for tag, each in page.tags if "onfocus" in each]


async def test_without_a_key_the_form_is_closed(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    open_index(hub.home.index).close()
    async with served(hub) as visitor:
        page = await page_of(visitor, "/feedback")
        assert "尚未开通" in page.words() and not page.all("form")
        await send(visitor, {"text": "x"}, status=400)


async def test_the_register_shows_states_and_days_and_no_word(tmp_path: Path) -> None:
    async with open_door(tmp_path) as (visitor, house):
        number = house.complain("platform")
        complaining.answer(house.office, OPERATOR, number, STORY)
        house.complain("reallocation")
        page = await page_of(visitor, "/feedback/register")
        assert number in page.words() and "已答复" in page.words() and "2 件" in page.words()
        narrowed = await page_of(visitor, "/feedback/register?category=platform&limit=1")
        assert "1 件" in narrowed.words()
        api = f"{visitor.hub.config.public_url}/api/v1/complaints"
        async with visitor.session.get(api, params={"limit": "1"}) as answer:
            told = await answer.json()
        assert told["counts"] == {"platform": {"answered": 1}, "reallocation": {"received": 1}}
        assert told["total"] == 2 and len(told["items"]) == 1
        async with visitor.session.get(
            api, params={"limit": "1", "cursor": told["next"]}
        ) as answer:
            (rest,) = (await answer.json())["items"]
        assert rest["number"] == number and rest["answered_on"] == "2026-11-23"
        async with visitor.session.get(api, params={"format": "csv"}) as answer:
            export = await answer.text()
        for shown in (page.source, str(told), export):
            assert [each for each in PLANTED if each in shown] == []


async def test_nothing_of_a_complaint_is_logged_or_measured(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    async with open_door(tmp_path) as (visitor, house):
        number, secret = case_of(await send(visitor, await filled(visitor)))
        await send(visitor, {"number": number, "secret": secret}, path="/feedback/case")
        async with visitor.session.get(f"{visitor.hub.config.public_url}/metrics") as answer:
            measured = await answer.text()
        house.say()
    hidden = (*PLANTED, secret, secret.replace("-", ""))
    assert [each for each in hidden if each in caplog.text + measured] == []
    for file, raw in house.bytes_of_home():
        assert [each for each in hidden if each.encode() in raw] == [], file


async def test_a_unit_is_told_without_who_complained_and_its_reply_comes_to_the_case(
    tmp_path: Path,
) -> None:
    async with founded(tmp_path, units=1) as province:
        (node,) = province.nodes
        node.publish(instrument("A-1"))
        house = with_key(province.hub, province.now, least_seconds=0)
        await province.sync()
        await province.sync(70)
        async with served(house.hub, province.now) as visitor:
            form = await filled(visitor, category="fees", unit=node.uscc, record="A-9")
            assert "没有公布这个编号" in (await send(visitor, form, status=422)).words()
            number, secret = case_of(await send(visitor, {**form, "record": "A-1"}))
            house.now = province.now
            pass_on(house, number, "收费与公示不一致，请说明")
            await province.sync(70)
            notice = province.said("ntc")[number]
            assert notice["matter"] == "feedback" and notice["to"] == node.origin
            assert [each for each in PLANTED if each in str(notice)] == []
            reply = {"kind": "feedback_reply", "id": number}
            node.publish({"pub": {**reply, "state": "handling"}})
            await settle(province, house)
            assert house.case(number).state == State.WITH_UNIT
            node.publish({"pub": {**reply, "state": "answered", "answer": "已退还多收部分"}})
            await settle(province, house)
            case = house.case(number)
            assert case.state == State.ANSWERED and case.answered_at is not None
            assert complaint_replies.heed(house.office) == 0
            page = await send(visitor, {"number": number, "secret": secret}, path="/feedback/case")
            assert "已退还多收部分" in page.words()
            check_fact(house, number, node.uscc)
            complaining.close(house.office, OPERATOR, number, "settled")
            await complain_again(province, house, number, secret)


def check_fact(house: ComplaintHouse, number: str, uscc: str) -> None:
    with house.office.casework() as casework:
        (fact,) = complaints.handed_to_units(casework.db)[uscc]
    assert (fact.number, fact.about) == (number, "fees")
    assert fact.answered_on is not None


async def complain_again(province: Any, house: ComplaintHouse, number: str, secret: str) -> None:
    typed = Secret.typed(secret)
    assert typed is not None
    complaining.add(house.office, house.case(number), typed, "又多收了")
    assert complaint_replies.heed(house.office) == 0  # an old reply answers nothing new
    pass_on(house, number, "再次反映，请说明")
    await province.sync(70)
    assert set(province.said("ntc")) == {number, f"{number}-2"}


def pass_on(house: ComplaintHouse, number: str, summary: str) -> None:
    complaint_routing.pass_on(house.office, OPERATOR, number, Route.UNIT, summary=summary)


async def settle(province: Any, house: ComplaintHouse) -> None:
    for _ in range(2):
        await province.sync(70)
    house.now = province.now
    assert tend_complaints(house.hub, lambda: house.now) == 1
