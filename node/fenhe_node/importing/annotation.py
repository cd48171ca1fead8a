"""A copy of what a unit imported, with the wrong cells marked: 台账-标注.xlsx. Start at `annotate`.

Always .xlsx, whatever was imported: `fenhe_client.sheets.marking` writes the cells.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_client.sheets.marking import (
    LISTED,
    list_problems,
    mark,
    marked_name,
    write_merge,
    write_text,
    write_value,
)
from fenhe_client.sheets.problems import Problem
from fenhe_client.sheets.table import Merge
from fenhe_node.fates import ColumnFate, Fate, RowFate
from fenhe_node.staging.stage import Staging
from fenhe_node.store import Store, imports

_SKIPPED = PatternFill("solid", fgColor="EEEEEE")
_HEADER = Font(bold=True)


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
    for together in _by_file(imports.latest(store)):
        if not any(imports.problems(store, run.number) for run in together):
            continue
        first = together[0]
        path = folder / marked_name(first.file)
        if path in written:
            path = folder / f"{first.file}-{first.kind}-标注.xlsx"
        path.write_bytes(marked_runs(store, together))
        written.append(path)
    return tuple(written)


def _by_file(runs: Iterable[imports.Run]) -> list[list[imports.Run]]:
    """Runs in groups: those of one import of one file together."""
    found: dict[tuple[str, str, int], list[imports.Run]] = {}
    for run in runs:
        found.setdefault((run.file, run.sha256, run.at), []).append(run)
    return list(found.values())


def marked_runs(store: Store, runs: Sequence[imports.Run]) -> bytes:
    """The copy of what these runs read of one file, where their staging is kept still."""
    return _bytes([_copy_of(store, run) for run in runs])


def _copy_of(store: Store, run: imports.Run) -> _Copy:
    number = run.number
    top, merges = imports.top(store, number)
    return _Copy(
        run.sheet,
        imports.columns(store, number),
        list(imports.rows(store, number)),
        imports.problems(store, number),
        top,
        merges,
    )


def marked_stagings(stagings: Sequence[Staging]) -> bytes:
    """The copy of what was looked at in one file."""
    return _bytes([_copy_looked_at(staging) for staging in stagings])


def _copy_looked_at(staging: Staging) -> _Copy:
    top = [
        (row.number, column, cell.text)
        for row in staging.top
        for column, cell in enumerate(row.cells)
    ]
    return _Copy(
        staging.sheet, staging.columns, staging.rows, staging.problems, top, staging.merges
    )


def _bytes(copies: Sequence[_Copy]) -> bytes:
    book = Workbook()
    listed = book.worksheets[0]
    listed.title = LISTED
    for number, copy in enumerate(copies):
        sheet = book.create_sheet(copy.sheet[:31] or "数据", number)
        if any(column.row for column in copy.columns):
            _write_downwards(sheet, copy.columns, copy.rows)
        else:
            _write_rows(sheet, copy)
        mark(sheet, copy.problems)
    list_problems(listed, [problem for copy in copies for problem in copy.problems])
    book.active = 0
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def _write_rows(sheet: Worksheet, copy: _Copy) -> None:
    header_row = copy.rows[0].row - 1 if copy.rows else 1
    # What was imported before the top was kept has but its headers.
    top = copy.top or [(header_row, column.index, column.header) for column in copy.columns]
    for row, column, text in top:
        if text:
            write_text(sheet, row, column + 1, text).font = _HEADER
    for fate in copy.rows:
        for index, text, kind, form in fate.cells:
            cell = write_value(sheet, fate.row, index + 1, text, kind, form)
            if fate.fate is Fate.SKIPPED:
                cell.fill = _SKIPPED
    for area in copy.merges:
        write_merge(sheet, area)


def _write_downwards(
    sheet: Worksheet, columns: Iterable[ColumnFate], rows: Sequence[RowFate]
) -> None:
    cells = {cell[0]: cell for row in rows for cell in row.cells}
    write_text(sheet, 1, 1, "字段").font = _HEADER
    write_text(sheet, 1, 2, "值").font = _HEADER
    for column in columns:
        write_text(sheet, column.row, 1, column.header)
        if column.index in cells:
            _, text, kind, form = cells[column.index]
            write_value(sheet, column.row, 2, text, kind, form)
