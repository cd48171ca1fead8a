"""A finding on the console as a real check made it: why, what lies over it, and its proof."""

from pathlib import Path

import orjson
import pytest

from fenhe_client.console import passwords
from fenhe_hub.fed.round import FedRound
from fenhe_hub.judging.overlays import lay_today
from fenhe_hub.office.acting import Office
from fenhe_hub.office.exempting import Grant, ask, grant
from fenhe_hub.office.staff import THE_HUB
from fenhe_hub.office.withdrawing import withdraw
from fenhe_hub.operations.check import run_check
from fenhe_hub.rule_file import load_rules
from tests.client.browsing import Browser
from tests.hub.consoles import Clock, browsing, staffed
from tests.hub.provinces import founded
from tests.hub.test_judging import bought


async def on_page(browser: Browser, path: str, *words: str) -> None:
    """All of these words stand there."""
    _, text, _ = await browser.get(path)
    assert [word for word in words if word not in text] == [], text


async def test_a_finding_shows_why_what_was_laid_over_it_and_proves_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)
    async with founded(tmp_path, units=1) as province:
        hub, node = province.hub, province.nodes[0]
        node.publish(bought("A-1", "2026-09-01"))
        await province.sync()
        run_check(hub, province.now)
        staffed(hub, "viewer", at=province.now)
        office, query = Office(hub, lambda: province.now), "?rule=D1&kind=instrument&id=A-1"
        with FedRound(hub) as fed:
            fed.publish(province.now)
        async with browsing(hub, Clock(province.now)) as browser:
            await browser.sign_in("viewer")
            await on_page(
                browser, f"/finding/{node.uscc}/why{query}", "调休上班", "2026-10-19", "国务院"
            )
            status, text, headers = await browser.get(f"/finding/{node.uscc}/evidence{query}")
            assert status == 200 and "attachment" in headers["Content-Disposition"], text
            assert orjson.loads(browser.body)
            await on_page(browser, f"/finding/{node.uscc}{query}", "逾期", "可据以采取措施")
            asked = ask(office, THE_HUB, f"{node.uscc}/D1/instrument/A-1", "示例文件", "示例理由")
            told = Grant("示例科技厅", "示例理由", "示例备〔2026〕1号", "2026-11-01", "2026-11-30")
            grant(office, THE_HUB, asked.subject, told)
            lay_today(hub, province.now)
            await on_page(
                browser, f"/finding/{node.uscc}{query}", "示例备〔2026〕1号", "已豁免", "规则的判断"
            )
            withdraw(office, THE_HUB, load_rules().sha256, "示例：期限算错", rule="D1")
            lay_today(hub, province.now)
            await on_page(browser, f"/finding/{node.uscc}{query}", "已撤回", "期限算错")
            await on_page(
                browser, f"/unit/{node.uscc}", asked.subject, "回执"
            )  # the act stands in the unit's story
