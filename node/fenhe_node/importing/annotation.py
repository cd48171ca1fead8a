"""A copy of what a unit imported, with the wrong cells marked: 台账-标注.xlsx. Start at `annotate`.

Always .xlsx, whatever was imported. Every cell is as it was read: a text as text, a number and a
date with their formats, what is merged merged, all at the same place; so opening the copy in Excel
damages nothing, and a cell that nobody mended is refused again when the copy is imported.
"""

import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_node.fates import ColumnFate, Fate, RowFate
from fenhe_node.problems import Problem
from fenhe_node.sources.table import CellType, Merge
from fenhe_node.staging.stage import Staging
from fenhe_node.store import Store, imports

LISTED = "问题 problems"
"""The name of the sheet that lists them; the importer leaves it alone."""

_WRONG = PatternFill("solid", fgColor="FFC7CE")
_ADVICE = PatternFill("solid", fgColor="FFEB9C")
_SKIPPED = PatternFill("solid", fgColor="EEEEEE")
_HEADER = Font(bold=True)
_NO_RESULT = "=NA()"  # for a formula: refused again until somebody writes what it should be


@dataclass(frozen=True)
class _Copy:
    """What goes into the copy: `top` are the cells above the rows, as (row, column, text)."""

    sheet: str
    columns: Sequence[ColumnFate]
    rows: Sequence[RowFate]
    problems: Sequence[Problem]
    top: Sequence[tuple[int, int, str]]
    merges: Sequence[Merge]


def annotate(store: Store, folder: Path) -> tuple[Path, ...]:
    """Write one copy into `folder` for each imported file that has problems."""
    written: list[Path] = []
    for run in imports.latest(store):
        problems = imports.problems(store, run.number)
        if not problems:
            continue
        path = folder / marked_name(run.file)
        if path in written:
            path = folder / f"{run.file}-{run.kind}-标注.xlsx"
        path.write_bytes(marked_run(store, run))
        written.append(path)
    return tuple(written)


def marked_name(file: str) -> str:
    """What the copy of a file is called."""
    return f"{Path(file).stem}-标注.xlsx"


def marked_run(store: Store, run: imports.Run) -> bytes:
    """The copy of what one run read, if its staging is kept still."""
    number = run.number
    top, merges = imports.top(store, number)
    return _bytes(
        _Copy(
            run.sheet,
            imports.columns(store, number),
            list(imports.rows(store, number)),
            imports.problems(store, number),
            top,
            merges,
        )
    )


def marked_staging(staging: Staging) -> bytes:
    """The copy of what was looked at."""
    top = [
        (row.number, column, cell.text)
        for row in staging.top
        for column, cell in enumerate(row.cells)
    ]
    return _bytes(
        _Copy(staging.sheet, staging.columns, staging.rows, staging.problems, top, staging.merges)
    )


def _bytes(copy: _Copy) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = copy.sheet[:31] or "数据"
    if any(column.row for column in copy.columns):
        _write_downwards(sheet, copy.columns, copy.rows)
    else:
        _write_rows(sheet, copy)
    _mark(sheet, copy.problems)
    _list(book.create_sheet(LISTED), copy.problems)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _write_rows(sheet: Worksheet, copy: _Copy) -> None:
    header_row = copy.rows[0].row - 1 if copy.rows else 1
    # What was imported before the top was kept has but its headers.
    top = copy.top or [(header_row, column.index, column.header) for column in copy.columns]
    for row, column, text in top:
        if text:
            _text(sheet, row, column + 1, text).font = _HEADER
    for fate in copy.rows:
        for index, text, kind, form in fate.cells:
            cell = _value(sheet, fate.row, index + 1, text, kind, form)
            if fate.fate is Fate.SKIPPED:
                cell.fill = _SKIPPED
    for area in copy.merges:
        _merge(sheet, area)


def _merge(sheet: Worksheet, area: Merge) -> None:
    sheet.merge_cells(
        start_row=area.top,
        start_column=area.left + 1,
        end_row=area.bottom,
        end_column=area.right + 1,
    )


def _write_downwards(
    sheet: Worksheet, columns: Iterable[ColumnFate], rows: Sequence[RowFate]
) -> None:
    cells = {cell[0]: cell for row in rows for cell in row.cells}
    _text(sheet, 1, 1, "字段").font = _HEADER
    _text(sheet, 1, 2, "值").font = _HEADER
    for column in columns:
        _text(sheet, column.row, 1, column.header)
        if column.index in cells:
            _, text, kind, form = cells[column.index]
            _value(sheet, column.row, 2, text, kind, form)


def _mark(sheet: Worksheet, problems: Iterable[Problem]) -> None:
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


def _list(sheet: Worksheet, problems: Iterable[Problem]) -> None:
    sheet.append(["位置 place", "列 column", "内容 found", "应为", "expected"])
    for number, problem in enumerate(problems, start=2):
        place = str(problem.place) if problem.place else ""
        title = problem.place.title if problem.place else problem.field
        texts = (place, title, problem.found, problem.expected_zh, problem.expected_en)
        for column, text in enumerate(texts, start=1):
            _text(sheet, number, column, text)


def _value(sheet: Worksheet, row: int, column: int, text: str, kind: str, form: str) -> Cell:
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
    return _text(sheet, row, column, text)


def _typed(
    sheet: Worksheet, row: int, column: int, value: float | bool | datetime | str, form: str
) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # it is merged only when all is written
    cell.value = value
    if form:
        cell.number_format = form
    return cell


def _text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    # A text that begins with = would become a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
