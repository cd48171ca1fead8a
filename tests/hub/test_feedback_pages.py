"""The public form over real sockets: what it takes, what it refuses, what it shows to whom."""

from pathlib import Path
from typing import Any

import pytest

from fenhe_client.keys import wrapping
from fenhe_client.strangers import MOST_FIELDS
from fenhe_hub.casework import complaints
from fenhe_hub.casework.book import open_casework
from fenhe_hub.feedback.subjects import State
from fenhe_hub.index.tables import open_index
from fenhe_hub.office import complaining
from tests.hub.complaint_house import (
    OPERATOR,
    PLANTED,
    STORY,
    ComplaintHouse,
)
from tests.hub.fake_node import START
from tests.hub.feedback_visits import case_of, filled, open_door, page_of, send, ticket_of
from tests.hub.houses import new_hub, served

NASTY = '<script>alert(1)</script>\n=HYPERLINK("x")\n@SUM(1)'


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "COST", 1 << 4)


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
