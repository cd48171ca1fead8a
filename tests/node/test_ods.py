"""OpenDocument spreadsheets: cells as an .xlsx would give them, and nothing made of a bomb."""

from pathlib import Path

import pytest

from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.table import Cell, CellType, Merge, Sheet
from fenhe_node.store import Store
from fenhe_protocol.errors import InputError
from tests.node.lists import GOOD, HEADERS, codes, record, sums_agree, take, write_xlsx
from tests.node.open_documents import document, number, row, table, text, write_list, write_ods


def read(path: Path, *tables: str) -> Sheet:
    return open_file(write_ods(path / "a.ods", document(*tables))).sheets[0]


def test_the_same_list_gives_the_same_records_as_an_xlsx(store: Store, tmp_path: Path) -> None:
    report = take(store, write_list(tmp_path / "设备.ods", [HEADERS, *GOOD]))
    assert (report.staged, report.refused, sums_agree(report)) == (3, 0, True)
    there = record(store, "20150002")
    again = take(store, write_xlsx(tmp_path / "设备.xlsx", [HEADERS, *GOOD]))
    assert (len(again.unchanged), again.changed) == (3, ())
    assert record(store, "20150002") == there


def test_a_wrong_cell_is_named_by_its_place(store: Store, tmp_path: Path) -> None:
    wrong = [*GOOD[0][:3], "三十五", *GOOD[0][4:]]
    report = take(store, write_list(tmp_path / "设备.ods", [HEADERS, wrong, GOOD[1]]))
    assert codes(report) == [("D2", "value.number")]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (number("67.810000000000002"), Cell("67.81", CellType.NUMBER)),
        (number("2E+17"), Cell("200000000000000000", CellType.NUMBER)),
        (number("42", ' table:style-name="heir"'), Cell("42", CellType.NUMBER, "00000000")),
        (number("1e999"), Cell("#NUM!", CellType.ERROR)),
        (number("nan"), Cell("#VALUE!", CellType.ERROR)),
        (text("a<text:s text:c='3'/>b</text:p><text:p>c"), Cell("a   b\nc", CellType.TEXT)),
        (
            '<table:table-cell office:value-type="date" office:date-value="2017-06-01"'
            ' table:style-name="month"/>',
            Cell("2017-06-01T00:00:00", CellType.DATE, 'yyyy"年"m"月"'),
        ),
        (
            '<table:table-cell office:value-type="date" office:date-value="2017-06-01T08:30:00.5"'
            ' table:style-name="day"/>',
            Cell("2017-06-01T08:30:00", CellType.DATE, 'yyyy"-"m"-"d'),
        ),
        (
            '<table:table-cell office:value-type="date" office:date-value="99999-01-01"/>',
            Cell("#####", CellType.ERROR),
        ),
        (
            '<table:table-cell office:value-type="time" office:time-value="PT08H30M00S"/>',
            Cell("08:30:00", CellType.DATE),
        ),
        (
            '<table:table-cell office:value-type="time" office:time-value="PT30H00M00S"/>',
            Cell("1 day, 6:00:00", CellType.TEXT),
        ),
        (
            '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>',
            Cell("TRUE", CellType.BOOLEAN),
        ),
        ('<table:table-cell table:formula="of:=1"/>', Cell("", CellType.FORMULA)),
        (
            '<table:table-cell table:formula="of:=1" office:value-type="string"'
            ' calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>',
            Cell("#REF!", CellType.ERROR),
        ),
        (
            '<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p>'
            "</office:annotation><text:p>内容</text:p></table:table-cell>",
            Cell("内容", CellType.TEXT),
        ),
    ],
)
def test_a_cell_says_what_it_holds(cell: str, expected: Cell, tmp_path: Path) -> None:
    assert read(tmp_path, table(row(cell))).rows[0].cells == (expected,)


def test_a_column_lends_its_style_to_cells_without_one(tmp_path: Path) -> None:
    column = '<table:table-column table:default-cell-style-name="eight"/>'
    assert read(tmp_path, table(column, row(number("7")))).rows[0].cells[0].format == "00000000"


def test_repeated_merged_and_hidden_things_keep_their_places(tmp_path: Path) -> None:
    columns = '<table:table-column table:number-columns-repeated="2"/>' + (
        '<table:table-column table:visibility="collapse"/>'
    )
    merged = text("合并", ' table:number-columns-spanned="2" table:number-rows-spanned="2"')
    covered = "<table:table-covered-cell/>".replace("table-covered", "covered-table")
    sheet = read(
        tmp_path,
        table(
            columns,
            row(merged, covered, text("c")),
            row('<table:table-cell table:number-columns-repeated="2"/>', text("d")),
            row(more=' table:number-rows-repeated="3"'),
            row(text("e"), more=' table:visibility="collapse" table:number-rows-repeated="2"'),
            row(more=' table:number-rows-repeated="1048569"'),
            more=' table:style-name="gone"',
        ),
    )
    assert sheet.merges == (Merge(1, 0, 2, 1),)
    assert (sheet.hidden, sheet.hidden_columns) == (True, (2,))
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row.hidden for row in sheet.rows] == [False] * 5 + [True] * 2
    assert [cell.text for cell in sheet.rows[1].cells] == ["", "", "d"]


def test_a_table_inside_a_cell_and_a_linked_one_are_no_sheets(tmp_path: Path) -> None:
    inner = f"<table:table-cell>{table(row(text('里')))}<text:p>外</text:p></table:table-cell>"
    linked = f"<table:dde-links>{table(row(text('旧')))}</table:dde-links>"
    assert [c.text for c in read(tmp_path, linked, table(row(inner))).rows[0].cells] == ["外"]


X = text("x")
BOMBS = {
    "rows": table(row(X, X, X, X, more=' table:number-rows-repeated="1048576"')),
    "more rows than there are": table(row(more=' table:number-rows-repeated="1048577"'), row(X)),
    "columns": table(row(text("x", ' table:number-columns-repeated="16385"'))),
    "cells": table(
        row(text("x", ' table:number-columns-repeated="16384"'),
            more=' table:number-rows-repeated="1000"')
    ),
    "far corner": table(
        row(more=' table:number-rows-repeated="1048575"'),
        row('<table:table-cell table:number-columns-repeated="16383"/>', X),
    ),
    "hidden columns": table('<table:table-column table:number-columns-repeated="2000000000"/>'),
    "merged": table(
        row(text("x", ' table:number-columns-spanned="99999" table:number-rows-spanned="99999"'))
    ),
    "no number": table(row(X, more=' table:number-rows-repeated="-5"')),
    "blanks": table(row(text("<text:s text:c='999999999'/>"))),
    "paragraph": table(row(text("x" * (1 << 20) + "y"))),
}  # fmt: skip


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_it_is_made(content: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.size"):
        open_file(write_ods(tmp_path / "a.ods", document(content)))


@pytest.mark.parametrize(
    "content",
    [
        document(table(row(X)), before='<!DOCTYPE a [<!ENTITY b "x">]>'),
        document(table(row(X))).replace("office:spreadsheet", "office:text"),
        document(table(row("<text:span>" * 300 + "</text:span>" * 300))),
        document(table(row(X)))[:-30],
        "\x00\x01 encrypted",
    ],
    ids=["doctype", "a letter", "too deep", "cut", "no xml"],
)
def test_what_is_no_spreadsheet_is_refused(content: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"source\.form"):
        open_file(write_ods(tmp_path / "a.ods", content))


def test_a_part_that_would_unpack_to_terabytes_is_not_unpacked(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", document(table(row(X))))
    raw = path.read_bytes()
    # The central directory says how large a part is; here it claims four gigabytes.
    place = raw.rindex(b"PK\x01\x02") + 24
    path.write_bytes(raw[:place] + b"\xfe\xff\xff\xff" + raw[place + 4 :])
    with pytest.raises(InputError, match=r"source\.size"):
        open_file(path)


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "a.ods", document(table(row(X * 500))))
    raw = bytearray(path.read_bytes())
    raw[120:160] = bytes(40)
    path.write_bytes(raw)
    with pytest.raises(InputError, match=r"source\.(form|size)"):
        open_file(path)
