"""Read .xlsx. Formulas are read by their stored result; one without a stored result says so."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.worksheet.worksheet import Worksheet

from fenhe_client.sheets.formats import CHINESE_DATES
from fenhe_client.sheets.numbers import decimal_text
from fenhe_client.sheets.sheet_bounds import check_bounds
from fenhe_client.sheets.table import (
    EMPTY,
    Cell,
    CellType,
    Merge,
    Row,
    Sheet,
    without_trailing_blanks,
)
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_client.sheets.zipped import check_unpacked, reading

BUILTIN_FORMATS.update(CHINESE_DATES)  # openpyxl has no other place to tell it

_ADVICE = "在 Excel 中打开后另存为 .xlsx; save it again as .xlsx"


@dataclass(frozen=True)
class XlsxFile:
    """A Source over the bytes of one .xlsx file."""

    name: str
    raw: bytes
    progress: Progress = unwatched  # asked while it is read; it may break that off

    def read(self) -> Sequence[Sheet]:
        """Read all sheets, or raise InputError `source.form` or `source.size`."""
        with reading(self.name, ".xlsx", _ADVICE), warnings.catch_warnings():
            # openpyxl warns of drop-down lists and styles it does not know: no data.
            warnings.simplefilter("ignore")
            with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
                check_unpacked(self.name, archive.infolist())
                check_bounds(archive)
            return self._sheets()

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()

    def _sheets(self) -> tuple[Sheet, ...]:
        results = openpyxl.load_workbook(_Watched(self.raw, self.progress), data_only=True)
        if not self._has_formulas():
            return tuple(_sheet(sheet, frozenset()) for sheet in results.worksheets)
        formulas = openpyxl.load_workbook(_Watched(self.raw, self.progress), data_only=False)
        return tuple(
            _sheet(sheet, frozenset(_unsolved(sheet, formulas[sheet.title])))
            for sheet in results.worksheets
        )

    def _has_formulas(self) -> bool:
        with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
            sheets = (n for n in archive.namelist() if n.startswith("xl/worksheets/"))
            return any(re.search(rb"<f[ >/]", archive.read(name)) for name in sheets)


class _Watched(io.BytesIO):
    """The bytes of a workbook, of which somebody is told how far they are read."""

    def __init__(self, raw: bytes, progress: Progress) -> None:
        super().__init__(raw)
        self._size, self._progress = len(raw), progress

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on."""
        self._progress("读取文件 read", min(self.tell(), self._size), self._size)
        return super().read(size)


def _sheet(results: Worksheet, unsolved: Set[tuple[int, int]]) -> Sheet:
    last_row, last_column = _filled(results, unsolved)
    texts: dict[str, Cell] = {}
    rows = [
        Row(
            number=number,
            cells=tuple(_cell(cell, (cell.row, cell.column) in unsolved, texts) for cell in row),
            hidden=bool(results.row_dimensions[number].hidden),
        )
        for number, row in enumerate(
            results.iter_rows(max_row=last_row, max_col=last_column), start=1
        )
    ]
    return Sheet(
        name=results.title,
        rows=without_trailing_blanks(rows),
        merges=tuple(
            Merge(area.min_row, area.min_col - 1, area.max_row, area.max_col - 1)
            for area in results.merged_cells.ranges
        ),
        hidden=results.sheet_state != "visible",
        hidden_columns=_hidden_columns(results),
    )


def _filled(sheet: Worksheet, unsolved: Set[tuple[int, int]]) -> tuple[int, int]:
    """The last row and column that hold anything; a column counts where it is merged, too."""
    columns = [area.max_col for area in sheet.merged_cells.ranges]
    columns += [column for _, column in unsolved]
    row, column = 1, max(columns, default=1)
    for cell in _named_cells(sheet):
        if cell.value is not None:
            row, column = max(row, cell.row), max(column, cell.column)
    return row, column


def _named_cells(sheet: Worksheet) -> list[Any]:
    """The cells that the file names, in any order."""
    # A sheet whose million rows were once coloured claims a million rows, and to ask openpyxl for a
    # cell makes one: what it holds is looked at, and nothing is asked for.
    return list(sheet._cells.values())


def _unsolved(results: Worksheet, formulas: Worksheet) -> Iterator[tuple[int, int]]:
    for cell in _named_cells(formulas):
        place = (cell.row or 0, cell.column or 0)
        if cell.data_type == "f" and results.cell(*place).value is None:
            yield place


def _hidden_columns(sheet: Worksheet) -> tuple[int, ...]:
    hidden: list[int] = []
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden and dimension.min and dimension.max:
            hidden.extend(range(dimension.min - 1, dimension.max))
    return tuple(sorted(hidden))


def _cell(cell: Any, unsolved: bool, texts: dict[str, Cell]) -> Cell:
    """One cell; cells with one text are one, for lists say the same over and over."""
    if unsolved:
        return Cell("", CellType.FORMULA)
    value = cell.value
    if value is None:
        return EMPTY
    if cell.data_type == "e":
        return Cell(str(value), CellType.ERROR)
    match value:
        case bool():
            return Cell("TRUE" if value else "FALSE", CellType.BOOLEAN)
        case int() | float():
            return Cell(decimal_text(value), CellType.NUMBER, cell.number_format)
        case datetime() | date() | time():
            return Cell(value.isoformat(), CellType.DATE, cell.number_format)
        case timedelta():
            return Cell(str(value), CellType.TEXT)
    text = str(value)
    return texts.get(text) or texts.setdefault(text, Cell(text, CellType.TEXT))
