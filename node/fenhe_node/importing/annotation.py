"""A copy of what a unit imported, with the wrong cells marked: 台账-标注.xlsx. Start at `annotate`.

Always .xlsx, whatever was imported. Every value is written as text, just as it was read, so that
opening the copy in Excel damages nothing.
"""

from collections.abc import Iterable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_node.fates import ColumnFate, Fate, RowFate
from fenhe_node.problems import Problem
from fenhe_node.store import Store, imports

_WRONG = PatternFill("solid", fgColor="FFC7CE")
_ADVICE = PatternFill("solid", fgColor="FFEB9C")
_SKIPPED = PatternFill("solid", fgColor="EEEEEE")
_HEADER = Font(bold=True)


def annotate(store: Store, folder: Path) -> tuple[Path, ...]:
    """Write one copy into `folder` for each imported file that has problems."""
    written: list[Path] = []
    for run in imports.latest(store):
        problems = imports.problems(store, run.number)
        if not problems:
            continue
        path = folder / f"{Path(run.file).stem}-标注.xlsx"
        if path in written:
            path = folder / f"{run.file}-{run.kind}-标注.xlsx"
        _workbook(store, run, problems).save(path)
        written.append(path)
    return tuple(written)


def _workbook(store: Store, run: imports.Run, problems: tuple[Problem, ...]) -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = run.sheet[:31] or "数据"
    columns = imports.columns(store, run.number)
    rows = list(imports.rows(store, run.number))
    if any(column.row for column in columns):
        _write_downwards(sheet, columns, rows)
    else:
        _write_rows(sheet, columns, rows)
    _mark(sheet, problems)
    _list(book.create_sheet("问题 problems"), problems)
    return book


def _write_rows(sheet: Worksheet, columns: Iterable[ColumnFate], rows: list[RowFate]) -> None:
    header_row = rows[0].row - 1 if rows else 1
    for column in columns:
        _text(sheet, header_row, column.index + 1, column.header).font = _HEADER
    for row in rows:
        for index, text, _ in row.cells:
            cell = _text(sheet, row.row, index + 1, text)
            if row.fate is Fate.SKIPPED:
                cell.fill = _SKIPPED


def _write_downwards(sheet: Worksheet, columns: Iterable[ColumnFate], rows: list[RowFate]) -> None:
    texts = {index: text for row in rows for index, text, _ in row.cells}
    _text(sheet, 1, 1, "字段").font = _HEADER
    _text(sheet, 1, 2, "值").font = _HEADER
    for column in columns:
        _text(sheet, column.row, 1, column.header)
        _text(sheet, column.row, 2, texts.get(column.index, ""))


def _mark(sheet: Worksheet, problems: tuple[Problem, ...]) -> None:
    notes: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.place and problem.place.row:
            cell = f"{problem.place.column or 'A'}{problem.place.row}"
            notes.setdefault(cell, []).append(problem)
    for name, found in notes.items():
        cell = sheet[name]
        cell.fill = _WRONG if any(problem.blocking for problem in found) else _ADVICE
        text = "\n".join(f"{problem.expected_zh}\n{problem.expected_en}" for problem in found)
        cell.comment = Comment(text, "Fenhe", width=360, height=120)


def _list(sheet: Worksheet, problems: tuple[Problem, ...]) -> None:
    sheet.append(["位置 place", "列 column", "内容 found", "应为", "expected"])
    for number, problem in enumerate(problems, start=2):
        place = str(problem.place) if problem.place else ""
        title = problem.place.title if problem.place else problem.field
        texts = (place, title, problem.found, problem.expected_zh, problem.expected_en)
        for column, text in enumerate(texts, start=1):
            _text(sheet, number, column, text)


def _text(sheet: Worksheet, row: int, column: int, text: str) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)  # nothing is merged in a new sheet
    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    # A text that begins with = would become a formula.
    cell.data_type = "s"
    cell.number_format = "@"
    return cell
