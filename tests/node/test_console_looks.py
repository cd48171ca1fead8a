"""Who sees what, fees and outcomes in the console."""

import asyncio
from pathlib import Path

from tests.node.consoles import browsing
from tests.node.homes import UNIT, instrument, new_node, put

FEE = {
    "unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "核磁收费",
    "lines": [{"no": 1, "item": "氢谱", "charge_unit": "sample", "external_fen": 12_000}],
}  # fmt: skip
OUTCOME = {
    "unit": UNIT, "kind": "outcome", "id": "O-1", "title": "示例论文", "type": "paper",
    "published_on": "2026-05-01", "credited": True,
}  # fmt: skip


def test_who_sees_what_stands_side_by_side(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    put(node, [instrument("A-1", value_yuan=350_000, contact_person={"name": "示例甲"})])

    async def use() -> None:
        async with browsing(node) as browser:
            _, text, _ = await browser.get("/tiers?kind=instrument&id=A-1")
            public, hub, sealed, stays = text.split("<section>")[1:]
            assert "核磁共振波谱仪" in public and "350000" in hub and "示例甲" in stays
            assert "示例甲" not in public + hub + sealed
            _, text, _ = await browser.get("/tiers?kind=service_record")
            public, hub, sealed, stays = text.split("<section>")[1:]
            assert "有效机时" in hub and "申请人" in stays and "有效机时" not in public
            assert (await browser.get("/tiers?kind=instrument&id=none"))[0] == 404

    asyncio.run(use())


def test_fee_lines_are_readable_and_instruments_without_any_are_named(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    put(node, [FEE, instrument("A-1", fee_standards=["F-1"]), instrument("A-2"),
               instrument("A-3", fee_standards=["F-9"])])  # fmt: skip

    async def use() -> None:
        async with browsing(node) as browser:
            status, text, _ = await browser.get("/fees")
            assert status == 200 and "氢谱" in text and ">120<" in text and "1 台仪器" in text
            assert "2 台" in text and "F-9" in text

    asyncio.run(use())


def test_outcomes_are_listed_in_words(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    put(node, [OUTCOME])

    async def use() -> None:
        async with browsing(node) as browser:
            status, text, _ = await browser.get("/outcomes")
            assert status == 200 and "示例论文" in text and "2026-05-01" in text

    asyncio.run(use())
