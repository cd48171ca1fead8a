"""Rules, what-if, working days and charts at the console: over a real socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.judging.working_days import load_calendar
from fenhe_hub.operations.check import run_check
from fenhe_hub.rule_file import shipped_rules
from fenhe_hub.trends.counting import count_day
from fenhe_hub.trends.daily import HoursRow, Stand, Sums, course, note_day, open_daily
from tests.client.browsing import Browser
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.fake_node import Bodies, instrument
from tests.hub.houses import new_hub
from tests.hub.provinces import Province, founded

_DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a password costs is kept beside it: these cost next to nothing."""
    monkeypatch.setattr(passwords, "COST", 2**4)


@pytest.fixture
async def province(tmp_path: Path) -> AsyncIterator[Province]:
    async with founded(tmp_path) as province:
        node, other = province.nodes
        node.publish(
            used("A-1", "2026-Q2", 36_000, 9_000), summary("A-1", "2026-Q2", 36_000, 9_000)
        )
        other.publish(used("B-1", "2026-Q3", 600, 0), summary("B-1", "2026-Q3", 600, 0))
        await province.sync()
        run_check(province.hub, province.now)
        staffed(province.hub, "viewer-1", "administrator-1")
        yield province


def used(id_: str, *_: object) -> Bodies:
    where = {"province": "山西省", "city": "太原市"}
    found = instrument(
        id_, class_code="010601", location=where, general_or_special="general",
        share_mode="external", accepted_on="2026-11-02",
    )  # fmt: skip
    found["hub"]["funds"] = ["central"]
    return found


def summary(id_: str, period: str, effective: int, external: int) -> Bodies:
    told = {"kind": "usage_summary", "id": f"{id_}/{period}", "instrument": id_, "period": period}
    return {"pub": told | {"effective_minutes": effective, "external_minutes": external}}


@asynccontextmanager
async def signed_in(province: Province, name: str = "viewer-1") -> AsyncIterator[Browser]:
    async with browsing(province.hub, Clock(province.now)) as browser:
        await browser.sign_in(name)
        yield browser


async def test_every_chart_has_its_table_and_both_exports(province: Province) -> None:
    assert count_day(province.hub.home, province.now)
    async with signed_in(province) as browser:
        status, text, _ = await browser.get("/charts?figure=hours")
        assert status == 200 and text.count('<svg class="chart"') == 7
        assert "太原 610" in text  # hours of both units, in the description of the map
        assert "共享率（示例 example） 10%" in text
        _, text, _ = await browser.get("/charts?form=csv&chart=sharing")
        assert "25.0" in text and "达到 reached" in text and "低于 below" in text
        for key in ("ahead", "course", "cities", "hours-city", "hours-class", "opening"):
            status, _, headers = await browser.get(f"/charts?form=xlsx&chart={key}")
            assert (status, key in headers["Content-Disposition"]) == (200, True)
        assert (await browser.get("/charts?form=xlsx&chart=x"))[0] == 404
        assert (await browser.get(f"/charts?year={'1' * 5000}"))[0] == 200


async def test_a_department_sees_the_figures_of_its_own_units(province: Province) -> None:
    count_day(province.hub.home, province.now)
    node, other = province.nodes
    department(province.hub, "9", node.uscc)
    staffed(province.hub, "viewer-2", authority="9")
    async with signed_in(province, "viewer-2") as browser:
        _, text, _ = await browser.get("/charts?figure=hours")
        assert "太原 600" in text and other.uscc not in text
        assert (await browser.get("/rules"))[0] == 200
        assert (await browser.get("/rules/what-if"))[0] == 403


def test_a_course_goes_on_where_nothing_changes_and_forgets_nobody(tmp_path: Path) -> None:
    hub = new_hub(tmp_path / "hub")
    days = [_DAY + timedelta(days=number) for number in range(4)]
    told = [
        {("a", "D2"): Stand(1, 2), ("b", "D2"): Stand(0, 2)},
        {("a", "D2"): Stand(1, 2), ("b", "D2"): Stand(0, 2)},
        {("a", "D2"): Stand(2, 2), ("b", "D2"): Stand(0, 2)},
        {("a", "D2"): Stand(2, 2)},  # b has gone
    ]
    with open_daily(hub.home) as db:
        for day, stands in zip(days, told, strict=True):
            note_day(db, day, stands, Sums([HoursRow("a", 2026, "太原市", "01", 60, 0)]))
            note_day(db, day, stands, Sums([HoursRow("a", 2026, "太原市", "01", 60, 0)]))
        assert list(course(db, "D2").values()) == [(1, 4), (1, 4), (2, 4), (2, 2)]
        assert course(db, "D2", {"b"}) == dict.fromkeys(days[:3], Stand(0, 2))
        assert db.execute("SELECT count(*) FROM stand").fetchone() == (4,)
        assert db.execute("SELECT count(*) FROM hours").fetchone() == (1,)


async def test_what_another_rule_set_would_change_is_shown_and_nothing_is_written(
    province: Province,
) -> None:
    text = shipped_rules().decode()
    assert "days: 30                 # 30个工作日" in text
    shorter = text.replace("days: 30                 # 30个工作日", "days: 5  # ", 1)
    files = sorted(province.hub.home.rules.iterdir())
    async with signed_in(province) as browser:
        _, page, _ = await browser.get("/rules")
        assert "30个工作日内" in page and "示例" in page and "未定" in page
        _, page, _ = await browser.get("/rules/what-if")
        assert "shanxi-2015-draft" in page
        status, page, _ = await browser.post("/rules/what-if", text=shorter)
        assert status == 200 and "D1" in page and "期限改变" in page, page
        status, page, _ = await browser.upload("/rules/what-if", text.encode())
        assert "没有任何变化" in page
        status, _, _ = await browser.post("/rules/what-if", text=shorter, form="xlsx")
        assert status == 200 and browser.body.startswith(b"PK")
        await browser.get("/rules/what-if")
        status, page, _ = await browser.post("/rules/what-if", text=text.replace("days:", "dys:"))
        assert status == 422 and "dys" in page
        assert (await browser.get("/rules/history"))[0] == 200
    assert sorted(province.hub.home.rules.iterdir()) == files


async def test_a_year_of_working_days_is_entered_when_it_is_announced(province: Province) -> None:
    year = {
        "year": "2031", "notice": "示例通知〔2030〕1号", "dated": "2030-11-01",
        "holidays": "01-01 10-01 10-02 10-03", "makeup": "09-28",
    }  # fmt: skip
    async with signed_in(province, "administrator-1") as browser:
        await browser.get("/rules/workdays")
        status, text, _ = await browser.send("/rules/workdays", [*year.items()])
        assert status == 200 and "示例通知〔2030〕1号" in text
        status, text, _ = await browser.send(
            "/rules/workdays", [*(year | {"makeup": "09-25"}).items()]
        )
        assert status == 422 and "09-25" in text
    async with signed_in(province) as browser:
        _, text, _ = await browser.get("/rules/workdays")
        assert "补一年" not in text and "10-01—10-03" in text
        assert "示例通知" not in (await browser.get("/rules/workdays?q=2026"))[1]
        await browser.get("/rules/workdays?form=csv")
        assert "2031-10-01 2031-10-02 2031-10-03" in browser.body.decode()
        assert (await browser.send("/rules/workdays", [*year.items()]))[0] == 403
    assert 2031 in load_calendar(province.hub).years
