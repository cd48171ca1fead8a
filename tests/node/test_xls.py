"""Workbooks of both kinds give the same cells, with what decides whether a number is certain."""

import datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt

from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.table import Cell, CellType, Merge, letter
from fenhe_protocol.errors import InputError
from tests.node.lists import write_xls, write_xlsx
from tests.node.workbooks import Page, write

ROWS: list[list[object]] = [
    ["编号", "名称", "原值", "日期", "是否"],
    ["A-1", "仪器", 67.81, None, True],
]


@pytest.mark.parametrize("write", [write_xls, write_xlsx])
def test_text_numbers_and_booleans(write: type, tmp_path: Path) -> None:
    path = tmp_path / ("a.xls" if write is write_xls else "a.xlsx")
    write(path, ROWS)
    (sheet,) = open_file(path).sheets
    assert [cell.text for cell in sheet.rows[1].cells] == ["A-1", "仪器", "67.81", "", "TRUE"]
    assert sheet.rows[1].cell(2).type is CellType.NUMBER
    assert sheet.rows[1].cell(3).type is CellType.EMPTY


def test_dates_of_an_xls(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    day = datetime.datetime(2016, 1, 1)  # noqa: DTZ001
    write_xls(path, [["编号", "日期", "序号"], ["A-1", day, 42370]], formats={(1, 1): "YYYY-MM-DD"})
    (sheet,) = open_file(path).sheets
    assert sheet.rows[1].cell(1) == Cell("2016-01-01T00:00:00", CellType.DATE, "YYYY-MM-DD")
    assert sheet.rows[1].cell(2) == Cell("42370", CellType.NUMBER, "General")


def test_dates_of_an_xlsx(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["编号", "日期"], ["A-1", datetime.date(2016, 1, 1)]])
    (sheet,) = open_file(path).sheets
    assert sheet.rows[1].cell(1).text == "2016-01-01T00:00:00"


def test_errors_and_impossible_dates_of_an_xls(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    rows = [["编号", "日期", "型号"], ["A-1", 10**9, xlwt.Formula("1/0")]]
    write_xls(path, rows, formats={(1, 1): "YYYY-MM-DD"})
    (sheet,) = open_file(path).sheets
    assert sheet.rows[1].cell(1) == Cell("#####", CellType.ERROR)


def test_a_formula_without_a_stored_result_says_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["编号", "原值"], ["A-1", "=1+2"]])
    (sheet,) = open_file(path).sheets
    assert sheet.rows[1].cell(1).type is CellType.FORMULA


def test_merged_cells_and_hidden_rows_of_an_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("台账")
    page.write_merge(0, 0, 0, 1, "标题")
    page.write(1, 0, "编号")
    page.write(2, 0, "A-1")
    page.row(2).hidden = True
    book.save(str(tmp_path / "a.xls"))
    (sheet,) = open_file(tmp_path / "a.xls").sheets
    assert sheet.merges == (Merge(1, 0, 1, 1),)
    assert [row.hidden for row in sheet.rows] == [False, False, True]


def test_merged_cells_and_hidden_rows_of_an_xlsx(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["编号", "部门"])
    page.append(["A-1", "甲"])
    page.append(["A-2", None])
    page.merge_cells("B2:B3")
    page.row_dimensions[3].hidden = True
    page.column_dimensions["B"].hidden = True
    book.save(tmp_path / "a.xlsx")
    (sheet,) = open_file(tmp_path / "a.xlsx").sheets
    assert sheet.merges == (Merge(2, 1, 3, 1),)
    assert [row.hidden for row in sheet.rows] == [False, False, True]
    assert sheet.hidden_columns == (1,)


def test_a_sheet_with_a_million_coloured_rows_has_few(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(["编号", "名称"])
    page["A3"] = "A-1"
    page["B9000"].number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    (sheet,) = open_file(tmp_path / "a.xlsx").sheets
    assert [row.number for row in sheet.rows] == [1, 2, 3]


def test_an_xlsx_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in range(6):
            archive.writestr(f"xl/{name}", bytes(100 * 1024 * 1024))
    with pytest.raises(InputError, match=r"source\.size"):
        open_file(path)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<html><table><tr><td>1</td></tr></table></html>", "source.markup"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a workbook", "source.form"),
        (b"PK\x03\x04 not a zip", "source.form"),
    ],
)
def test_what_only_looks_like_a_workbook_is_refused(raw: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "export.xls"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=code):
        open_file(path)


def test_a_file_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", ROWS)
    monkeypatch.setattr("fenhe_client.sheets.opening._FILE_LIMIT", 100)
    with pytest.raises(InputError, match=r"source\.size"):
        open_file(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.unreadable"):
        open_file(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (39, "AN"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_excel_does(column: int, name: str) -> None:
    assert letter(column) == name


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods", "csv"])
def test_reading_a_list_can_be_broken_off(form: str, tmp_path: Path) -> None:
    rows = [["编号", "名称"], *([f"A-{n}", f"镜 {n}"] for n in range(6000))]
    path = tmp_path / f"a.{form}"
    if form == "xls":  # a style for every cell would be too many
        book = xlwt.Workbook()
        sheet = book.add_sheet("表")
        for number, cells in enumerate(rows):
            for column, text in enumerate(cells):
                sheet.write(number, column, text)
        book.save(str(path))
    else:
        write(path, form, [Page(rows)])
    told: list[tuple[int, int]] = []

    def stop_half_way(what: str, done: int, total: int) -> None:
        assert what.startswith("读取文件")
        told.append((done, total))
        if 2 * done > total:
            raise InputError("import.stopped")

    with pytest.raises(InputError, match=r"import\.stopped"):
        open_file(path, progress=stop_half_way)
    assert len(told) > 1 and told[0][0] < told[-1][0] < told[-1][1]
