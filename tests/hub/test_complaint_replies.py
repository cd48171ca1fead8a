"""A unit is told of a complaint, and what it replies comes to the case."""

from pathlib import Path
from typing import Any

import pytest

from fenhe_client.keys import wrapping
from fenhe_hub.casework import complaints
from fenhe_hub.feedback.sealing import Secret
from fenhe_hub.feedback.subjects import Route, State
from fenhe_hub.office import complaining, complaint_replies, complaint_routing
from fenhe_hub.operations.complaints import tend_complaints
from tests.hub.complaint_house import (
    OPERATOR,
    PLANTED,
    ComplaintHouse,
    with_key,
)
from tests.hub.fake_node import instrument
from tests.hub.feedback_visits import case_of, filled, send
from tests.hub.houses import served
from tests.hub.provinces import founded


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapping, "COST", 1 << 4)


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
