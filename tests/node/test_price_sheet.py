"""Fee standards out to a workbook and in again: prices, steps and cost basis are the same."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.sheets.cells import Damage
from fenhe_client.sheets.opening import OpenedFile
from fenhe_client.sheets.table import EMPTY, Cell, CellType, Row, Sheet
from fenhe_node.importing.price_sheet import rows
from fenhe_node.mapping.steps import read_steps, write_steps
from fenhe_node.staging.stage import Staging, stage
from fenhe_node.staging.suggesting import suggest_mapping
from fenhe_node.store import Store
from tests.laws import examples
from tests.node.consoles import browsing
from tests.node.homes import new_node, put
from tests.node.lists import SCHEMAS, UNIT, codes, record, take, write_csv, write_xlsx

KIND = SCHEMAS.kind("fee_standard")
FEN = st.integers(0, 2**53 - 1)
QUANTITY = st.integers(1, 2**53 - 2)
TEXT = st.text("氢谱测定表面ABCabc019()/;:,%", min_size=2, max_size=12).filter(
    lambda text: text.strip() == text and not text.isdigit()
)
STEP = st.fixed_dictionaries(
    {"percent": st.integers(0, 1000)},
    optional={
        "party": st.sampled_from(["internal", "external", "small_firm"]),
        "from_quantity": QUANTITY,
        "below_quantity": QUANTITY,
        "price_fen": FEN,
    },
)
BASIS = st.dictionaries(
    st.sampled_from(["materials_fen", "utilities_fen", "labour_fen", "other_fen"]), FEN, min_size=1
)
LINE = st.fixed_dictionaries(
    {"no": st.integers(1, 9999), "item": TEXT},
    optional={
        "charge_unit": st.sampled_from(KIND.field("lines[].charge_unit").schema["enum"]),
        "charge_quantity": st.integers(1, 1_000_000),
        "internal_fen": FEN,
        "external_fen": FEN,
        "small_firm_fen": FEN,
        "steps": st.lists(STEP, min_size=1, max_size=4),
        "cost_basis": BASIS,
        "note": TEXT,
    },
)
STANDARD = st.fixed_dictionaries(
    {"unit": st.just(UNIT), "kind": st.just("fee_standard"), "name_zh": TEXT},
    optional={
        "lines": st.lists(LINE, min_size=1, max_size=4),
        "in_force_from": st.dates().filter(lambda day: day.year > 1900).map(str),
        "approval": st.just({"title": "关于收费标准的批复", "document_no": "示例〔2026〕1号"}),
    },
)


def staged(texts: list[list[str]]) -> Staging:
    cells = [tuple(Cell(t, CellType.TEXT) if t else EMPTY for t in row) for row in texts]
    sheet = Sheet("收费标准", tuple(Row(n, row) for n, row in enumerate(cells, start=1)))
    opened = OpenedFile("收费标准.xlsx", "", (sheet,), ())
    mapping = suggest_mapping(opened, SCHEMAS, "fee_standard")
    return stage(opened.name, opened.sheets, mapping, schemas=SCHEMAS, unit=UNIT)


@given(standards=st.lists(STANDARD, min_size=1, max_size=3))
@examples(25)
def test_what_was_exported_is_imported_as_it_was(standards: list[dict[str, Any]]) -> None:
    known = [{**each, "id": f"F-{n}"} for n, each in enumerate(standards)]
    staging = staged(list(rows(KIND, known)))
    assert [p.code for p in staging.problems if not p.code.startswith("privacy.")] == []
    taken = {draft.id: draft.record for draft in staging.kept}
    # What looks like a telephone is refused, whoever wrote it.
    assert all(taken[each["id"]] == each for each in known if each["id"] in taken)
    assert taken or staging.problems


@given(st.lists(STEP, min_size=1, max_size=20))
@examples(25)
def test_steps_are_read_as_they_were_written(steps: list[dict[str, Any]]) -> None:
    assert read_steps(write_steps(steps)) == steps


@pytest.mark.parametrize(
    ("written", "steps"),
    [
        ("校外：1-10 5.5元", [{"party": "external", "from_quantity": 1, "below_quantity": 11,
                            "price_fen": 550}]),
        ("超过10，80%；≥100 60%", [{"from_quantity": 11, "percent": 80},
                                 {"from_quantity": 100, "percent": 60}]),
        ("10以内 100元\n满20 90元", [{"below_quantity": 11, "price_fen": 10_000},
                                  {"from_quantity": 20, "price_fen": 9_000}]),
    ],
)  # fmt: skip
def test_steps_as_units_write_them(written: str, steps: list[dict[str, Any]]) -> None:
    assert read_steps(written) == steps


@pytest.mark.parametrize("text", ["量大从优", "100以上 八折", "100以上 180", "10元 20元", "；"])
def test_a_step_that_is_not_understood_is_not_guessed(text: str) -> None:
    with pytest.raises(Damage):
        read_steps(text)


def test_a_list_of_a_unit_with_steps_and_costs_goes_in(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "收费.xlsx",
        [
            ["收费标准编号", "收费标准名称", "收费项目", "单位", "校内价", "校外价", "阶梯价格",
             "材料费", "水电费", "人工费（元）"],
            ["F-1", "核磁收费标准", "氢谱", "元/样", "100", "300", "100以上 240元", 50, 30, "200"],
            ["F-1", "核磁收费标准", "碳谱", "元/样", "150", "400", "量大从优", 50, 30, "面议"],
            ["F-2", "电镜收费标准", "拍照", "元/小时", "50", "90", None, None, 5.5, None],
        ],
    )  # fmt: skip
    report = take(store, path)
    assert codes(report) == [("G3", "value.steps"), ("J3", "value.number")]
    assert record(store, "F-2", "fee_standard")["lines"][0]["cost_basis"] == {"utilities_fen": 550}


def test_the_console_exports_prices_that_an_import_takes(tmp_path: Path) -> None:
    node = new_node(tmp_path / "node")
    step = {"party": "internal", "from_quantity": 10, "percent": 80}
    fee = {
        "unit": UNIT, "kind": "fee_standard", "id": "F-1", "name_zh": "核磁收费标准",
        "lines": [{"no": 1, "item": "氢谱", "external_fen": 30_000, "steps": [step],
                   "cost_basis": {"labour_fen": 1}},
                  {"no": 2, "item": "碳谱", "charge_unit": "hour"}],
    }  # fmt: skip
    put(node, [fee])

    async def use() -> None:
        async with browsing(node) as browser:
            await browser.get("/records/export.xlsx?kind=fee_standard")
            (tmp_path / "收费标准.xlsx").write_bytes(browser.body)

    asyncio.run(use())
    with Store.open(node.home.store) as store:
        report = take(store, tmp_path / "收费标准.xlsx")
        assert (report.problems, report.unchanged) == ((), ("F-1",))
        empty = write_csv(
            tmp_path / "空.csv", [["收费标准编号", "标准名称", "收费项目"], ["F-9", "新", ""]]
        )
        assert take(store, empty).new == ("F-9",)
