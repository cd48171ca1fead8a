from typing import Any

import pytest

from fenhe_node.pages.prices import least_external, prices
from fenhe_node.pages.tables import code_tables
from fenhe_node.pages.usage_table import usage_table
from fenhe_node.pages.wording import Fact, facts, hours, is_web_address, say, yuan
from fenhe_node.published import Published
from fenhe_protocol.schema import SchemaSet

SCHEMAS = SchemaSet.load()
INSTRUMENT = SCHEMAS.kind("instrument").schema
FEES = SCHEMAS.kind("fee_standard").schema
USAGE = SCHEMAS.kind("usage_summary").schema


@pytest.mark.parametrize(
    ("fen", "said"), [(0, "0"), (5, "0.05"), (30050, "300.50"), (1_000_000_00, "1,000,000")]
)
def test_money_is_said_in_yuan_without_rounding(fen: int, said: str) -> None:
    assert yuan(fen) == said


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "0"), (60, "1"), (90, "1.5"), (36_000, "600"), (1, "0")]
)
def test_minutes_are_said_in_hours_to_a_tenth(minutes: int, said: str) -> None:
    assert hours(minutes) == said


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("status", "normal", "正常"),
        ("value_band", "from_200", "200 万元及以上"),
        ("subjects", ["150", "430"], "化学（150）；材料科学（430）"),
        ("imported_duty_free", False, "否"),
        ("model", "<EX>", "<EX>"),
    ],
)
def test_a_code_is_said_by_its_label(field: str, value: Any, said: str) -> None:
    assert say(INSTRUMENT["properties"][field], value, code_tables()) == said


def test_a_place_is_one_line() -> None:
    place = {"province": "山西省", "city": "太原市", "county": "示例区"}
    assert facts(INSTRUMENT, {"location": place}, ["location"], {}) == [
        Fact("安放地址", "山西省太原市示例区")
    ]


@pytest.mark.parametrize(
    ("value", "linked"),
    [
        ("https://u1.example/", True),
        ("http://u1.example/", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//u1.example", False),
        (1, False),
    ],
)
def test_only_web_addresses_become_links(value: Any, linked: bool) -> None:
    assert is_web_address(value) is linked


def standard(id: str, lines: list[dict[str, Any]], **fields: Any) -> Published:
    return Published("fee_standard", id, 0, {"name_zh": id, "lines": lines, **fields}, b"")


def test_the_list_shows_the_lowest_price_that_is_in_force() -> None:
    old = standard("F-1", [{"external_fen": 100}], in_force_to="2025-12-31")
    now = standard(
        "F-2",
        [
            {"external_fen": 30000, "charge_unit": "hour"},
            {"external_fen": 8000, "charge_unit": "minute", "charge_quantity": 30},
            {"internal_fen": 1},
        ],
    )
    assert least_external(FEES, [old, now], "2026-11-23") == "80 元/30 分钟起"
    assert least_external(FEES, [old], "2026-11-23") == ""


def test_a_price_line_names_steps_and_basis() -> None:
    step = {"party": "external", "from_quantity": 100, "percent": 80}
    line = {
        "no": 1,
        "item": "氢谱",
        "charge_unit": "sample",
        "external_fen": 10000,
        "steps": [step],
    }
    approved = standard(
        "F-1", [line], approval={"document_no": "示例〔2026〕1号"}, in_force_from="2026-01-01"
    )
    [price] = prices(FEES, [approved], "2026-11-23")
    assert (price.item, price.per, price.external, price.internal) == ("氢谱", "样", "100", "")
    assert price.steps == ("单位外部 满 100 按 80%",)
    assert price.basis == "示例〔2026〕1号，2026-01-01 起"


def test_a_withheld_cell_says_so_and_a_nil_report_is_nought() -> None:
    def summary(id: str, **fields: Any) -> Published:
        return Published("usage_summary", id, 0, {"instrument": "A-1", **fields}, b"")

    table = usage_table(
        USAGE,
        [
            summary("1", period="2026-Q1", nil_report=True),
            summary("2", period="2026-Q2", effective_minutes=90, withheld=["external_users"]),
        ],
    )
    assert table.titles == ["有效机时", "外部用户数"]
    assert [(row.period, row.cells) for row in table.rows] == [
        ("2026 年 2 季度", ["1.5", "少"]),
        ("2026 年 1 季度", ["0", "0"]),
    ]
    assert table.withheld
