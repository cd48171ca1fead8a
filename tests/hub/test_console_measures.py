"""Measures and notices on the console: proposed and decided by forms, each by who may."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fenhe_client.console import passwords
from fenhe_client.mailing.queue import SENT
from fenhe_hub.casework.course import State
from fenhe_hub.casework.notices import notice as find_notice
from fenhe_hub.mailing.outgoing import Outgoing
from fenhe_hub.office import measures
from fenhe_hub.office.account_keeping import make_account
from fenhe_hub.office.mail_outcomes import note_all
from fenhe_hub.office.staff import THE_HUB
from tests.client.browsing import PASSWORD, Browser
from tests.hub.consoles import Clock, browsing
from tests.hub.index_rows import NOW
from tests.hub.measure_house import (
    COMPETENT,
    DECIDER,
    OPERATOR,
    OVERDUE,
    PAPER,
    RECTIFY,
    MeasureOffice,
    measure_office,
)
from tests.hub.sample_records import UNIVERSITY

PROPOSE = f"/measures/propose/{UNIVERSITY}"
ONE = f"/measures/{UNIVERSITY}/M-2026-0001"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
def house(tmp_path: Path) -> MeasureOffice:
    made = measure_office(tmp_path)
    for name, role, authority in (
        ("operator-1", "operator", ""),
        ("viewer-1", "viewer", ""),
        ("decider-1", "decider", COMPETENT.number),
    ):
        make_account(made.office, THE_HUB, name, role, authority, PASSWORD)
    return made


@asynccontextmanager
async def signed_in(house: MeasureOffice, name: str) -> AsyncIterator[Browser]:
    async with browsing(house.hub, Clock(NOW)) as browser:
        await browser.sign_in(name)
        yield browser


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


FORM: dict[str, Any] = {
    "kind": "rectification",
    "finding": OVERDUE,
    "reason": "逾期 <b>",
    "public": "",
}


async def test_a_measure_is_looked_at_before_it_is_proposed(house: MeasureOffice) -> None:
    async with signed_in(house, "operator-1") as browser:
        status, page, _ = await browser.get(PROPOSE)
        assert status == 200 and "A-1003" in page and "只可提醒" in page
        status, page, _ = await browser.post(PROPOSE, **FORM)
        assert status == 422 and "限期整改须写明期限" in page and "&lt;b&gt;" in page
        form = {**FORM, "deadline": "2027-01-31"}
        status, page, _ = await browser.post(PROPOSE, **form, look="yes")
        assert status == 200 and "〔文号〕" in page and "2027-01-31" in page
        status, page, _ = await browser.post(PROPOSE, **form)
        assert status == 200 and "已提出 M-2026-0001" in page
        status, _, _ = await browser.post(f"{ONE}/decide", document_no="x", decided_on="2026-11-23")
        assert status == 403


async def test_a_measure_is_decided_and_revoked_by_its_authority(house: MeasureOffice) -> None:
    measures.propose(house.office, OPERATOR, replace(RECTIFY, reason="逾期 <b>"))
    async with signed_in(house, "decider-1") as browser:
        status, page, _ = await browser.get(ONE)
        assert status == 200 and "撤回建议" not in plain(page) and "不予采纳" in page
        status, page, _ = await browser.post(
            f"{ONE}/decide", document_no="晋示例发〔2026〕1号", decided_on="2026-11-23"
        )
        assert status == 200 and "已决定" in page and "示例主管部门" in page and "待发布" in page
        _, page, _ = await browser.get("/measures?kind=rectification&state=in_force")
        assert "M-2026-0001" in page and "尚未改正" in page
        _, page, _ = await browser.get(f"/notices/{UNIVERSITY}/N-2026-0001")
        assert "逾期 &lt;b&gt;" in page and "还没有" in page
        status, page, _ = await browser.post(
            f"{ONE}/revoke", document_no="撤1号", decided_on="2026-11-23", reason="有误"
        )
        assert status == 200 and "撤1号" in page
    assert house.measure("M-2026-0001").state is State.REVOKED


async def test_who_may_only_look_sees_no_form(house: MeasureOffice) -> None:
    measures.propose(house.office, OPERATOR, RECTIFY)
    async with signed_in(house, "viewer-1") as browser:
        assert (await browser.get("/measures"))[0] == 200
        assert (await browser.get(PROPOSE))[0] == 403
        _, page, _ = await browser.get(ONE)
        assert '<form method="post" action="/measures' not in page
        status, page, _ = await browser.get("/notices/templates")
        assert status == 200 and "示例大学" in page and "{{ unit_name }}" in page
        assert (await browser.get(f"/measures/{UNIVERSITY}/M-2026-0099"))[0] == 404


async def test_a_notice_is_queued_for_mail_and_the_page_says_what_became_of_it(
    house: MeasureOffice,
) -> None:
    mail = replace(house.hub.config.mail, host="127.0.0.1", security="none", sender="a@example.org")
    house.hub = replace(house.hub, config=replace(house.hub.config, mail=mail))
    number = measures.propose(house.office, OPERATOR, RECTIFY)
    notice = measures.decide(house.office, DECIDER, number, PAPER)
    at = f"/notices/{UNIVERSITY}/{notice}"
    async with signed_in(house, "operator-1") as browser:
        _, page, _ = await browser.get(at)
        assert "也用邮件寄一份" in page
        assert (await browser.post(f"{at}/mail", address="no address"))[0] == 422
        status, page, _ = await browser.post(f"{at}/mail", address="office@example.org")
        assert status == 200 and "office@example.org：待发" in plain(page)
        with Outgoing.open(house.hub.home) as outgoing:
            (letter,) = outgoing.of(UNIVERSITY)
            assert letter.subject.startswith(f"[{notice}]") and "N-2026-0001" in letter.body
            outgoing.settle(letter.number, SENT, attempts=1, now=NOW, trouble="")
        assert note_all(house.office) == 1 and note_all(house.office) == 0
        with house.office.casework() as casework:
            sent = find_notice(casework.db, notice)
        assert sent is not None and [each.state for each in sent.mailings] == ["queued", "accepted"]
        _, page, _ = await browser.get(at)
        assert "接收" in page
