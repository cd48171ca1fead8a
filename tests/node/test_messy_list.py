"""A list with the usual mistakes: each is named by its cell, none is swallowed or rounded."""

from pathlib import Path
from typing import Any

import openpyxl

from fenhe_node.store import Store
from tests.node.lists import GOOD, HEADERS, codes, sums_agree, take, write_csv, write_xlsx

MAKER, PLACE, WHEN, WHO = "示例厂", "1号楼", "2016-02-03", "示例丁"
MESSY: list[list[Any]] = [
    ["示例公司仪器台账", None, None, None, None, None, None, None, None, None, None],
    ["编号", "名称", "型号", "规格", "厂家", "原值（万元）", "购置日期", "状态", "报关单号",
     "放置地点", "负责人"],
    ["E-01", "电子天平", "EX-1", None, MAKER, 35, "2015-01-02", "在用", None, PLACE, "示例甲"],
    ["E-02", "显微镜", "EX-2", None, MAKER, "35万", "2015-01-02", "在用", None, PLACE, "示例乙"],
    ["E-03", "光谱仪", "EX-3", None, MAKER, 40, 42370, "在用", None, PLACE, "示例乙"],
    ["E-04", "色谱仪", "EX-4", None, MAKER, 40, WHEN, "在用", 2.23120261e17, PLACE, WHO],
    ["E-05", "质谱仪", "EX-5", None, MAKER, 40, WHEN, "在用", "2.23E+17", PLACE, WHO],
    [20150012, "离心机", "EX-6", None, MAKER, 21, WHEN, "在用", None, PLACE, WHO],
    ["E-07", "热分析仪", "#N/A", None, MAKER, 21, WHEN, "在用", None, PLACE, WHO],
    ["E-08", "流变仪", "EX-8", None, MAKER, 21, "1900-01-00", "在用", None, PLACE, WHO],
    ["E-09", "粒度仪", "EX-9", None, MAKER, "２１", WHEN, "在用", None, PLACE, WHO],
    ["E-10", "硬度计", "EX-10", None, MAKER, 21, WHEN, "很好", None, PLACE, WHO],
    ["E-11", "拉力机", "EX-11", None, MAKER, 21, WHEN, "在用", None, PLACE, WHO],
    ["E-11", "疲劳机", "EX-12", None, MAKER, 21, WHEN, "在用", None, PLACE, WHO],
    [None, "万用表", "EX-13", None, MAKER, 21, WHEN, "在用", None, PLACE, WHO],
    ["E-14", "示波器", "EX-14", None, MAKER, 21, WHEN, "在用", None, "联系 13800000000", WHO],
    ["E-15", "频谱仪", "EX-15", None, MAKER, 21, WHEN, "在用", None, "找负责人示例丁", WHO],
    [None] * 11,
    ["合计", None, None, None, None, 400, None, None, None, None, None],
    ["填表人: 示例甲", None, None, None, None, None, None, None, None, None, None],
]  # fmt: skip


def test_a_messy_list_is_reported_cell_by_cell(store: Store, tmp_path: Path) -> None:
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY))
    assert report.new == ("E-01",)
    assert codes(report) == [
        ("F4", "value.number"),
        ("G5", "cell.date-serial"),
        ("I6", "cell.scientific"),
        ("I7", "cell.scientific"),
        ("A8", "cell.number-id"),
        ("C9", "cell.error"),
        ("G10", "cell.date-1900"),
        ("F11", "cell.full-width"),
        ("H12", "value.code"),
        ("A13", "id.doubled"),
        ("A14", "id.doubled"),
        ("A15", "id.missing"),
        ("J16", "privacy.mobile"),
        ("J17", "privacy.name"),
    ]
    assert sums_agree(report)
    assert [(skip.place.row, skip.why_zh) for skip in report.skipped] == [
        (18, "空行"),
        (19, "合计行"),
        (20, "说明行"),
    ]


def test_no_message_quotes_a_person(store: Store, tmp_path: Path) -> None:
    report = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY))
    lines = [p.line() for p in report.problems if p.code.startswith("privacy")]
    assert len(lines) == 2
    assert not any("13800000000" in line or "示例丁" in line for line in lines)


def test_a_line_names_place_found_and_expected_in_both_languages(
    store: Store, tmp_path: Path
) -> None:
    line = take(store, write_xlsx(tmp_path / "台账.xlsx", MESSY)).problems[0].line()
    assert line == (
        '台账.xlsx · Sheet1 · F4  原值  "35万"  应为数字, 单位万元: 写 35  '
        "expected a number in 10,000 yuan: write 35"
    )


def test_cells_merged_over_rows_are_refused_except_the_first(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADERS, *GOOD])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].merge_cells("C2:C3")
    book.save(path)
    report = take(store, path)
    assert codes(report) == [("C3", "cell.merged")]
    assert "C2" in report.problems[0].expected_zh


def test_hidden_rows_are_read_and_named(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADERS, *GOOD])
    book = openpyxl.load_workbook(path)
    book.worksheets[0].row_dimensions[3].hidden = True
    book.create_sheet("旧表").append(["x"])
    book.save(path)
    report = take(store, path)
    assert report.staged == 3
    assert any("第 3 行是隐藏行" in note for note in report.notes)
    assert any("旧表" in note for note in report.notes)


def test_a_comma_inside_a_value_does_not_shift_columns_quietly(
    store: Store, tmp_path: Path
) -> None:
    shifted = ["20150004", "显微镜, 大型", "EX", "1", "2016-01-01", "正常", WHO]
    report = take(store, write_csv(tmp_path / "a.csv", [HEADERS, *GOOD, shifted]))
    assert report.staged == 3
    assert ("5", "row.too-long") in codes(report)
