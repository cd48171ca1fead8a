"""A marked copy: every cell as it was read, what is wrong marked, and nothing in it acts."""

import io

import openpyxl

from fenhe_client.sheets.marking import LISTED, marked_book, marked_name
from fenhe_client.sheets.problems import Place, Problem
from fenhe_client.sheets.table import Cell, CellType, Merge, Row, Sheet


def text(value: str) -> Cell:
    return Cell(value, CellType.TEXT)


def test_each_sheet_is_copied_as_it_was_and_marked_where_it_is_wrong() -> None:
    rows = (
        Row(1, (text("名称"), text("数"))),
        Row(
            3, (text("=cmd()"), Cell("00123", CellType.TEXT), Cell("2.50", CellType.NUMBER, "0.00"))
        ),
        Row(4, (text("示例"), Cell("", CellType.FORMULA))),
    )
    sheets = [Sheet("甲", rows, (Merge(3, 0, 4, 0),)), Sheet("乙", rows)]
    wrong = Problem("x", "应为数", "a number", "00123", place=Place("a.xlsx", "乙", 3, "B", "数"))
    copy = openpyxl.load_workbook(io.BytesIO(marked_book(sheets, [wrong])))
    assert copy.sheetnames == ["甲", "乙", LISTED]
    assert (copy["甲"]["A3"].value, copy["甲"]["A3"].data_type) == ("=cmd()", "s")
    assert (copy["乙"]["B3"].value, copy["乙"]["C3"].value) == ("00123", 2.5)
    assert copy["乙"]["C3"].number_format == "0.00"
    assert copy["乙"]["B4"].data_type == "f"  # refused again until somebody writes a value
    assert copy["乙"]["B3"].comment.text == "应为数\na number"
    assert copy["甲"]["B3"].comment is None
    assert [each.coord for each in copy["甲"].merged_cells.ranges] == ["A3:A4"]
    assert [cell.value for cell in copy[LISTED][2]] == [
        *("a.xlsx · 乙 · B3", "数", "00123", "应为数", "a number")
    ]
    assert marked_name("清单.csv") == "清单-标注.xlsx"
