"""A workbook of a few kilobytes makes no more of itself than a list can be."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt

from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.sheet_bounds import MOST_CELLS
from fenhe_protocol.errors import InputError

TEXT = 't="inlineStr"><is><t>x</t></is></c>'
END = "</sheetData>"


def workbook(path: Path, old: str, new: str) -> Path:
    """A small list in whose sheet one piece of the markup was replaced."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["编号", "名称"])
    book.worksheets[0].append(["A-1", "示例仪器"])
    plain = io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            raw = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old.encode() in raw
                raw = raw.replace(old.encode(), new.encode())
            target.writestr(name, raw)
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<sheetData>", '<cols><col min="1" max="3000000000" hidden="1"/></cols><sheetData>'),
        ("<sheetData>", "<cols>" + '<col min="1" max="16384"/>' * 300 + "</cols><sheetData>"),
        (END, END + '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        (END, END + '<hyperlinks><hyperlink ref="$A$1:$XFD$1048576" location="x"/></hyperlinks>'),
        (END, f'<row r="2000000000"><c r="A2000000000" {TEXT}</row>{END}'),
        (END, f'<row r="1048576"><c r="XFD1048576" {TEXT}</row>{END}'),
        (END, f'<row r="1048576"/><row><c {TEXT}</row>{END}'),
        (END, f'<row r="3"><c r="ZZZ3" {TEXT}</row>{END}'),
        (END, f'<row r="3"><c r="3A" {TEXT}</row>{END}'),
        ("<worksheet", '<!DOCTYPE worksheet [<!ENTITY a "x">]><worksheet'),
        (END, END + "<broken"),
    ],
    ids=["far columns", "many columns", "all merged", "all linked", "far row", "far corner",
         "row after the last", "far column", "no place", "doctype", "no xml"],
)  # fmt: skip
def test_a_sheet_beyond_all_bounds_is_refused_at_once(old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.size"):
        open_file(workbook(tmp_path / "a.xlsx", old, new))


def test_a_coloured_cell_in_the_far_corner_is_nothing(tmp_path: Path) -> None:
    coloured = f'<row r="1048576"><c r="XFD1048576" s="0"/></row>{END}'
    (sheet,) = open_file(workbook(tmp_path / "a.xlsx", END, coloured)).sheets
    assert [[cell.text for cell in row.cells] for row in sheet.rows] == [
        ["编号", "名称"],
        ["A-1", "示例仪器"],
    ]


def test_a_title_merged_beyond_the_list_keeps_its_columns(tmp_path: Path) -> None:
    title = END + '<mergeCells><mergeCell ref="A1:E1"/></mergeCells>'
    (sheet,) = open_file(workbook(tmp_path / "a.xlsx", END, title)).sheets
    assert {len(row.cells) for row in sheet.rows} == {5}


def test_the_bound_is_far_above_real_lists() -> None:
    assert MOST_CELLS > 20_000 * 100


def test_a_cell_in_the_far_corner_of_an_xls_makes_no_others(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for row, column, text in ((0, 0, "编号"), (0, 1, "名称"), (65_535, 255, "示例")):
        sheet.write(row, column, text)
    book.save(str(tmp_path / "a.xls"))
    (read,) = open_file(tmp_path / "a.xls").sheets
    assert len(read.rows) == 65_536
    assert sum(len(row.cells) for row in read.rows) == 2 + 256
