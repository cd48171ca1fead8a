"""Header rows: guidance stripped, groups kept apart, titles told from groups."""

import pytest

from fenhe_client.sheets.headers import HeaderBlock, find_headers, key, plain
from fenhe_client.sheets.table import Cell, CellType, Merge, Row, Sheet

KNOWN = {key(name) for name in ("编号", "名称", "省", "市", "联系人", "电话", "原值", "ID")}


def sheet(*rows: list[str], merges: tuple[Merge, ...] = ()) -> Sheet:
    cells = (
        Row(n, tuple(Cell(t, CellType.TEXT if t else CellType.EMPTY) for t in row))
        for n, row in enumerate(rows, start=1)
    )
    return Sheet("Sheet1", tuple(cells), merges)


def found(page: Sheet) -> HeaderBlock:
    block = find_headers(page, KNOWN.__contains__)
    assert block is not None
    return block


@pytest.mark.parametrize(
    ("text", "name", "guidance"),
    [
        (
            "仪器编号（（必填，管理系统中的关联仪器编号））",
            "仪器编号",
            "必填,管理系统中的关联仪器编号",
        ),
        ("原值（单位万元、保留小数点后两位）", "原值", "单位万元、保留小数点后两位"),
        ("*仪器名称：", "仪器名称", ""),
        (" 安放地址 - 省 [必填]", "安放地址 - 省", "必填"),
        ("（备注）", "备注", "备注"),
        ("电话(座机", "电话", "座机"),
    ],
)
def test_guidance_is_told_from_the_name(text: str, name: str, guidance: str) -> None:
    assert plain(text) == (name, guidance)


def test_names_are_compared_without_blanks_case_and_kinds_of_dash() -> None:
    assert key(" 安放地址 － 省") == key("安放地址-省")
    assert key("Instrument_ID") == key("instrument-id")


def test_a_title_above_the_headers_is_no_group() -> None:
    block = found(sheet(["示例大学仪器台账", "", ""], ["编号", "名称", "原值"], ["1", "a", "2"]))
    assert (block.first_row, block.last_row) == (2, 2)
    assert [header.group for header in block.headers] == ["", "", ""]


def test_groups_of_merged_cells_are_kept_beside_the_names() -> None:
    page = sheet(
        ["基本信息 基本信息", "", "联系人信息", ""],
        ["编号", "名称", "联系人", "电话"],
        merges=(Merge(1, 0, 1, 1), Merge(1, 2, 1, 3)),
    )
    block = found(page)
    assert (block.first_row, block.last_row) == (1, 2)
    assert [h.group for h in block.headers] == ["基本信息", "基本信息", "联系人信息", "联系人信息"]


def test_groups_of_a_text_file_reach_to_the_next() -> None:
    block = found(sheet(["基本", "", "联系", ""], ["编号", "名称", "联系人", "电话"]))
    assert [header.group for header in block.headers] == ["基本", "基本", "联系", "联系"]


def test_a_column_merged_over_both_rows_keeps_its_name() -> None:
    page = sheet(
        ["编号", "名称", "安放地址", ""],
        ["", "", "省", "市"],
        ["1", "仪器", "山西省", "太原市"],
        merges=(Merge(1, 0, 2, 0), Merge(1, 1, 2, 1), Merge(1, 2, 1, 3)),
    )
    block = found(page)
    assert block.last_row == 2
    assert [header.name for header in block.headers] == ["编号", "名称", "省", "市"]


def test_doubled_names_are_called_by_their_group_or_number() -> None:
    page = sheet(
        ["甲", "", "乙", "", "", ""],
        ["编号", "电话", "电话", "名称", "备注", "备注"],
        merges=(Merge(1, 0, 1, 1), Merge(1, 2, 1, 5)),
    )
    names = [header.name for header in found(page).headers]
    assert names == ["编号", "甲/电话", "乙/电话", "名称", "备注#1", "备注#2"]


def test_a_sheet_without_known_names_has_no_headers() -> None:
    assert find_headers(sheet(["甲", "乙"], ["丙", "丁"]), KNOWN.__contains__) is None


def test_one_known_name_among_many_is_not_enough() -> None:
    assert find_headers(sheet(["编号", "甲", "乙"]), KNOWN.__contains__) is None
