"""A copy of a list with its wrong cells marked, cell by cell. Start at `marked_book`.

Every cell is as it was read: a text as text, a number and a date with their formats, what is merged
merged, all at the same place; so opening the copy in Excel damages nothing, and a cell that nobody
mended is refused again when the copy is imported.
"""

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_client.sheets.problems import Problem
from fenhe_client.sheets.table import CellType, Merge, Sheet

LISTED = "问题 problems"
"""The name of the sheet that lists them; an importer leaves it alone."""

_WRONG = PatternFill("solid", fgColor="FFC7CE")
_ADVICE = PatternFill("solid", fgColor="FFEB9C")
_NO_RESULT = "=NA()"  # for a formula: refused again until somebody writes what it should be


def marked_name(file: str) -> str:
    """What the copy of a file is called."""
    return f"{Path(file).stem}-标注.xlsx"


def marked_book(sources: Sequence[Sheet], problems: Sequence[Problem]) -> bytes:
    """Sheets as they were read, as the bytes of an .xlsx, with these problems marked and listed."""
    book = Workbook()
    listed = book.worksheets[0]
    listed.title = LISTED
    for number, source in enumerate(sources):
        sheet = book.create_sheet(source.name[:31] or "数据", number)
        _copy(sheet, source)
        mark(sheet, [p for p in problems if p.place and p.place.sheet == source.name])
        for area in source.merges:
            write_merge(sheet, area)
    list_problems(listed, problems)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _copy(sheet: Worksheet, source: Sheet) -> None:
    for row in source.rows:
        for column, cell in enumerate(row.cells, start=1):
            if cell.type is not CellType.EMPTY:
                write_value(sheet, row.number, column, cell.text, cell.type, cell.format)


def write_merge(sheet: Worksheet, area: Merge) -> None:
    """Merge what was merged; only when all is written."""
    sheet.merge_cells(
        start_row=area.top,
        start_column=area.left + 1,
        end_row=area.bottom,
        end_column=area.right + 1,
    )


def mark(sheet: Worksheet, problems: Iterable[Problem]) -> None:
    """Colour the cells that these problems name, with what is expected as a comment."""
    notes: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.place and problem.place.row:
            cell = f"{problem.place.column or 'A'}{problem.place.row}"
            notes.setdefault(cell, []).append(problem)
    for name, found in notes.items():
        cell = sheet[name]
        cell.fill = _WRONG if any(problem.blocking for problem in found) else _ADVICE
        if isinstance(cell, Cell):  # what is merged away can have no comment
            text = "\n".join(f"{problem.expected_zh}\n{problem.expected_en}" for problem in found)
            cell.comment = Comment(text, "Fenhe", width=360, height=120)


def list_problems(sheet: Worksheet, problems: Iterable[Problem]) -> None:
    """Write one row for each problem."""
    sheet.append(["位置 place", "列 column", "内容 found", "应为", "expected"])
    for number, problem in enumerate(problems, start=2):
        place = str(problem.place) if problem.place else ""
        title = problem.place.title if problem.place else problem.field
        texts = (place, title, problem.found, problem.expected_zh, problem.expected_en)
        for column, text in enumerate(texts, start=1):
            write_text(sheet, number, column, text)


def write_value(sheet: Worksheet, row: int, column: int, text: str, kind: str, form: str) -> Cell:
    """Write a cell as the type it was read as; as text what cannot be that."""
    with suppress(ValueError, OverflowError):
        if kind == CellType.NUMBER:
            return _typed(sheet, row, column, float(text) if "." in text else int(text), form)
        if kind == CellType.DATE:
            return _typed(sheet, row, column, datetime.fromisoformat(text), form)
        if kind == CellType.BOOLEAN:
            return _typed(sheet, row, column, text == "TRUE", form)
    if kind == CellType.FORMULA:
        return _typed(sheet, row, column, _NO_RESULT, form)
    return write_text(sheet, row, column, text)


def _typed(
    sheet: Worksheet, row: int, column: int, value: float | bool | datetime | str, form: str
) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # it is merged only when all is written
    cell.value = value
    if form:
        cell.number_format = form
    return cell


def write_text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    """Write a text that stays one, whatever it begins with."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    # A text that begins with = would become a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
