"""Findings withdrawn at the console: by whom, for what, and what everyone sees of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fenhe_client.console import passwords
from fenhe_hub.operations.check import run_check
from fenhe_hub.rule_file import load_rules
from tests.client.browsing import Browser
from tests.hub.consoles import Clock, browsing, department, staffed
from tests.hub.provinces import founded
from tests.hub.test_judging import bought, shown


async def posted(browser: Browser, told: Mapping[str, str]) -> int:
    return (await browser.send("/rules/corrections", [*told.items()]))[0]


async def test_what_a_rule_set_found_is_taken_back_by_a_decider_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)
    async with founded(tmp_path, units=1) as province:
        hub, digest = province.hub, load_rules().sha256
        department(hub, "KJT", covers="all", at=province.now)
        staffed(hub, "operator-1", "decider-2")
        staffed(hub, "decider-1", authority="KJT", at=province.now)
        province.nodes[0].publish(bought("A-1", "2026-09-01"))
        await province.sync()
        run_check(hub, province.now)
        told = {"rules": digest, "rule": "D1", "reason": "示例：期限算错"}
        told |= {"document": "示例函〔2026〕3号", "body": "示例科技厅"}
        async with browsing(hub, Clock(province.now)) as browser:
            for name in ("operator-1", "decider-2"):
                await browser.sign_in(name)
                _, text, _ = await browser.get("/rules/corrections")
                assert "没有撤回过认定" in text and "<form method" not in text.split("<h1>")[1]
                assert await posted(browser, told) == 403
        async with browsing(hub, Clock(province.now)) as browser:
            await browser.sign_in("decider-1")
            _, text, _ = await browser.get("/rules/corrections")
            assert digest in text
            assert await posted(browser, told) == 200
            assert await posted(browser, told) == 422  # it has been done already
            _, text, _ = await browser.get("/rules/corrections")
            assert "K-2026-0001" in text and "期限算错" in text
        assert shown(hub)["A-1"] == ("not_applicable", "overdue", False)
