"""The summary of a report for everyone: let out by document, at a cursor, without identities."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.api.reading import reading_of
from fenhe_hub.casework.summaries import Summary
from fenhe_hub.office.acting import Office
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.reporting.facts import ReportFacts
from fenhe_hub.reporting.making import make
from fenhe_hub.reporting.period import Period
from fenhe_hub.reporting.publishing import summary_of
from fenhe_protocol.strict_json import dumps
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.fake_node import instrument
from tests.hub.mouth import BASE, fetch, serving
from tests.hub.provinces import Province, founded


async def reported(province: Province, period: str) -> ReportFacts:
    """A report of the hub's own, said."""
    await province.sync()
    await province.sync()
    office = Office(province.hub, lambda: province.now)
    facts = make(province.hub, office, THE_HUB, Period.parse(period))
    await province.sync()
    return facts


async def page(province: Province, path: str) -> tuple[int, bytes]:
    hub = province.hub
    reading = replace(reading_of(hub, lambda: province.now), url=f"https://hub.example{BASE}")
    async with serving(reading) as client:
        answer, raw = await fetch(client, f"{BASE}{path}")
    return answer.status, raw


async def done(province: Province, name: str, at: str, step: str) -> int:
    """What a step answers an account."""
    form = [("document", "示例函〔2026〕11号"), ("reason", "示例：有误")]
    async with browsing(province.hub, Clock(province.now)) as browser:
        await browser.sign_in(name)
        await browser.get(at)
        return (await browser.send(f"{at}/{step}", form))[0]


@pytest.fixture
async def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Province]:
    monkeypatch.setattr(passwords, "COST", 2**4)
    async with founded(tmp_path, units=2) as province:
        hub, node = province.hub, province.nodes[0]
        node.publish(instrument("A-1"))
        department(hub, "KJT", covers="all", at=province.now)
        department(hub, "JYT", node.uscc, at=province.now)
        staffed(hub, "operator-1", at=province.now)
        staffed(hub, "decider-1", authority="KJT", at=province.now)
        staffed(hub, "decider-2", authority="JYT", at=province.now)
        yield province


async def test_a_summary_goes_out_by_document_at_its_cursor_and_is_taken_back(
    province: Province,
) -> None:
    facts = await reported(province, "2026-10")
    at = f"/reports/2026-10/{facts.epoch}-{facts.size}"
    assert (await page(province, "/reports/2026-10"))[0] == 404
    for name, status in (("operator-1", 403), ("decider-2", 403), ("decider-1", 200)):
        assert await done(province, name, at, "publish") == status, name
    status, raw = await page(province, "/reports/2026-10")
    text = raw.decode()
    assert status == 200 and f"{facts.epoch}-{facts.size}" in text and facts.root in text
    assert province.nodes[0].uscc in text and "示例函〔2026〕11号" in text
    assert "/reports/2026-10" in (await page(province, "/reports"))[1].decode()
    _, raw = await page(province, "/reports/2026-10.json")
    assert raw == summary_of(facts).encode()
    assert [unit.instruments for unit in Summary.decode(raw).units] == [1, 0]
    assert await done(province, "decider-1", at, "retract") == 200
    assert (await page(province, "/reports/2026-10"))[0] == 404
    assert (await page(province, "/reports/2026-10.json"))[0] == 404


async def test_what_is_not_over_yet_is_not_let_out(province: Province) -> None:
    facts = await reported(province, "2026")
    at = f"/reports/2026/{facts.epoch}-{facts.size}"
    assert await done(province, "decider-1", at, "publish") == 409
    assert "还没有公开的报告" in (await page(province, "/reports"))[1].decode()


def test_nothing_goes_out_from_which_what_is_not_public_follows() -> None:
    unit = {
        "uscc": "12140000000000019W", "name": "示例大学", "kinds": {"instrument": 3},
        "bands": {"from_20": 3}, "classes": {}, "cities": {}, "declared": {"eligible_items": 4},
        "findings": [["D1", "overdue", 1, 0], ["D5", "overdue", 7777, 0]],
        "hours": {"fen": 987654, "effective_minutes": 987654},
        "measures": {"state proposed": 987654}, "complaints": {"received": 2, "open": 987654},
    }  # fmt: skip
    whole = {
        "form": "fenhe/report/v1", "period": "2026-10", "is_partial": False, "hub": "h.example",
        "epoch": 1, "size": 9, "root": "cm9vdA==", "made_at": "2026-11-01T00:00:00Z",
        "rules_name": "r", "rules_sha256": "0" * 64, "thresholds": [], "untold": 0,
        "units": [unit], "elsewhere": {**unit, "kinds": {}, "findings": [], "complaints": {}},
    }  # fmt: skip
    facts = ReportFacts.decode(dumps(whole) + b"\n")
    text = summary_of(facts).encode().decode()
    assert "987654" not in text and "D5" not in text and "7777" not in text
    assert Summary.decode(text.encode()).totals["late_units"] == 1
