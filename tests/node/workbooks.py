"""One list of cells as a workbook of any format, with what people do to workbooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from openpyxl.utils import get_column_letter

from tests.node.open_documents import document, number, row, table, text, write_ods

Row = Sequence[Any]
TEXTS: Mapping[str, str] = {
    "csv": "utf-8",
    "csv-bom": "utf-8-sig",
    "csv-gb18030": "gb18030",
    "csv-utf16": "utf-16",
    "tsv-gb18030": "gb18030",
}
BOOKS = ("xls", "xlsx", "ods")
FORMATS = (*BOOKS, *TEXTS)


@dataclass(frozen=True)
class Shown:
    """A value with a number format of its own."""

    value: Any
    format: str


@dataclass(frozen=True)
class Formula:
    """A formula without a stored result, as a program writes it."""

    text: str = "1+1"


@dataclass(frozen=True)
class Bare:
    """A text that a careless system writes without quotes around it."""

    text: str


@dataclass(frozen=True)
class Page:
    """One sheet; `merges` as (top, left, bottom, right), rows from 1, columns from 0."""

    rows: Sequence[Row]
    name: str = "Sheet1"
    hidden: bool = False
    merges: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = field(default=())


def write(path: Path, form: str, pages: Sequence[Page]) -> Path:
    """Write the pages; a text file has but the first, and its dates as a system exports them."""
    if form == "xlsx":
        _write_xlsx(path, pages)
    elif form == "ods":
        _write_ods(path, pages)
    elif form == "xls":
        _write_xls(path, pages)
    else:
        mark = "\t" if form.startswith("tsv") else ","
        lines = (mark.join(_text(cell, mark) for cell in cells) for cells in pages[0].rows)
        path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(TEXTS[form]))
    return path


def _text(cell: Any, mark: str) -> str:
    if isinstance(cell, Bare):
        return cell.text
    if isinstance(cell, float) and cell >= 1e15:
        return f"{cell:.2E}"
    written = "" if cell is None else str(cell)
    return f'"{written}"' if mark in written or "\n" in written else written


def _write_xlsx(path: Path, pages: Sequence[Page]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for page in pages:
        sheet = book.create_sheet(page.name)
        for line, cells in enumerate(page.rows, start=1):
            for column, cell in enumerate(cells, start=1):
                _fill(sheet.cell(line, column), cell)
        for top, left, bottom, right in page.merges:
            sheet.merge_cells(None, top, left + 1, bottom, right + 1)
        for hidden in page.hidden_rows:
            sheet.row_dimensions[hidden].hidden = True
        for column in page.hidden_columns:
            sheet.column_dimensions[get_column_letter(column + 1)].hidden = True
        sheet.sheet_state = "hidden" if page.hidden else "visible"
    book.save(path)


def _fill(made: Any, cell: Any) -> None:
    if isinstance(cell, Formula):
        made.value = f"={cell.text}"
    elif isinstance(cell, Shown):
        made.value, made.number_format = cell.value, cell.format
    else:
        made.value = cell


def _write_ods(path: Path, pages: Sequence[Page]) -> None:
    write_ods(path, document(*map(_table, pages)))


def _table(page: Page) -> str:
    spans = {(top, left): (bottom, right) for top, left, bottom, right in page.merges}
    width = max(len(row) for row in page.rows)
    columns = "".join(
        '<table:table-column table:visibility="collapse"/>'
        if column in page.hidden_columns
        else "<table:table-column/>"
        for column in range(width)
    )
    rows = [
        row(
            *(
                _ods_cell(cell, (number, column), spans.get((number, column)))
                for column, cell in enumerate(cells)
            ),
            more=' table:visibility="collapse"' if number in page.hidden_rows else "",
        )
        for number, cells in enumerate(page.rows, start=1)
    ]
    style = ' table:style-name="gone"' if page.hidden else ""
    return table(columns, *rows, more=style).replace(
        'table:name="表"', f'table:name="{page.name}"', 1
    )


def _ods_cell(cell: Any, place: tuple[int, int], span: tuple[int, int] | None) -> str:
    more = ""
    if span:
        more = (
            f' table:number-rows-spanned="{span[0] - place[0] + 1}"'
            f' table:number-columns-spanned="{span[1] - place[1] + 1}"'
        )
    value = cell.value if isinstance(cell, Shown) else cell
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        style = "month" if isinstance(cell, Shown) else "day"
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value}"'
            f' table:style-name="{style}"{more}/>'
        )
    if isinstance(value, int | float):
        return number(repr(value), more)
    return text(str(value).replace("\n", "</text:p><text:p>"), more)


def _write_xls(path: Path, pages: Sequence[Page]) -> None:
    book = xlwt.Workbook()
    for page in pages:
        sheet = book.add_sheet(page.name, cell_overwrite_ok=True)
        inside = {
            (at, column)
            for top, left, bottom, right in page.merges
            for at in range(top, bottom + 1)
            for column in range(left, right + 1)
        }
        for line, cells in enumerate(page.rows, start=1):
            for column, cell in enumerate(cells):
                if cell is None or (line, column) in inside:
                    continue
                style = xlwt.XFStyle()
                value = cell.value if isinstance(cell, Shown) else cell
                style.num_format_str = (
                    cell.format if isinstance(cell, Shown)
                    else "yyyy-mm-dd" if isinstance(value, date) else "General"
                )  # fmt: skip
                sheet.write(line - 1, column, value, style)
        for top, left, bottom, right in page.merges:
            value = page.rows[top - 1][left]
            sheet.write_merge(top - 1, bottom - 1, left, right, value)
        for hidden in page.hidden_rows:
            sheet.row(hidden - 1).hidden = True
        for column in page.hidden_columns:
            sheet.col(column).hidden = True
        sheet.visibility = int(page.hidden)
    book.save(str(path))
