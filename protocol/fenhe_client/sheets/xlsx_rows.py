"""One worksheet of an .xlsx, row by row, nothing kept but what it holds. Start at `read_sheet`.

openpyxl's own parser reads the XML; its worksheets are not used, since they keep an object for
every cell and, read only, say nothing of what is merged or hidden.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import WorkSheetParser

from fenhe_client.sheets.numbers import decimal_text
from fenhe_client.sheets.table import (
    EMPTY,
    Cell,
    CellType,
    Merge,
    Row,
    Sheet,
    without_trailing_blanks,
)

_TRUE = ("1", "true")
_UNSOLVED = Cell("", CellType.FORMULA)


@dataclass
class SheetRead:
    """What was read of a worksheet; rows by number, without those in which nothing stands."""

    name: str
    hidden: bool
    rows: dict[int, list[Cell]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    merges: tuple[Merge, ...] = ()
    hidden_columns: tuple[int, ...] = ()

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Set a cell, its column from 1."""
        cells = self.rows.setdefault(row, [])
        if len(cells) < column:
            cells.extend([EMPTY] * (column - len(cells)))
        cells[column - 1] = cell

    def at(self, row: int, column: int) -> Cell:
        """The cell at a place, its column from 1."""
        cells = self.rows.get(row, [])
        return cells[column - 1] if column <= len(cells) else EMPTY

    def mark_unsolved(self, source: Any) -> None:
        """Mark the formulas of which the file holds no result; `source` shows the formulas."""
        with source._get_source() as part:
            parser = _parser(source, part)
            for _, row in parser.parse():
                parser.row_dimensions.clear()
                for cell in row:
                    place = cell["row"], cell["column"]
                    if cell["data_type"] == "f" and self.at(*place) is EMPTY:
                        self.put(*place, _UNSOLVED)

    def sheet(self) -> Sheet:
        """The sheet, its rows as wide as what stands in it or is merged."""
        self._clear_merged()
        last = max((number for number, cells in self.rows.items() if cells), default=1)
        widths = [len(cells) for cells in self.rows.values()]
        width = max([1, *widths, *(area.right + 1 for area in self.merges)])
        rows = [self._row(number, width) for number in range(1, last + 1)]
        return Sheet(
            self.name,
            without_trailing_blanks(rows),
            self.merges,
            self.hidden,
            self.hidden_columns,
        )

    def _row(self, number: int, width: int) -> Row:
        cells = self.rows.pop(number, [])
        cells += [EMPTY] * (width - len(cells))
        return Row(number, tuple(cells), number in self.hidden_rows)

    def _clear_merged(self) -> None:
        """What stands beneath a merged cell is shown by nothing, and is no content."""
        for area in self.merges:
            for number in range(area.top, area.bottom + 1):
                cells = self.rows.get(number, [])
                for column in range(area.left, min(area.right + 1, len(cells))):
                    if (number, column) != (area.top, area.left):
                        cells[column] = EMPTY


def read_sheet(source: Any) -> SheetRead:
    """Read one worksheet of a workbook that was opened read only."""
    read = SheetRead(source.title, source.sheet_state != "visible")
    formats = _Formats(source.parent)
    texts: dict[str, Cell] = {}
    with source._get_source() as part:
        parser = _parser(source, part)
        for number, row in parser.parse():
            told = parser.row_dimensions.pop(str(number), {})
            if told.get("hidden") in _TRUE:
                read.hidden_rows.add(number)
            for cell in row:
                if cell["value"] is not None:
                    read.put(cell["row"], cell["column"], _cell(cell, formats, texts))
    if parser.merged_cells:
        areas = (area.bounds for area in parser.merged_cells.mergeCell)
        read.merges = tuple(
            Merge(top, left - 1, bottom, right - 1) for left, top, right, bottom in areas
        )
    read.hidden_columns = _hidden_columns(parser.column_dimensions)
    return read


def _parser(source: Any, part: IO[bytes]) -> Any:
    book = source.parent
    return WorkSheetParser(
        part,
        source._shared_strings,
        data_only=book.data_only,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )


def _hidden_columns(told: dict[str, dict[str, str]]) -> tuple[int, ...]:
    hidden: list[int] = []
    for attributes in told.values():
        if attributes.get("hidden") in _TRUE:
            first = int(attributes["min"])
            hidden.extend(range(first - 1, int(attributes.get("max", first))))
    return tuple(sorted(hidden))


class _Formats:
    """The number formats of a workbook by the number of a style."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[int, str] = {}

    def of(self, style: int) -> str:
        """The format as Excel writes it."""
        if style not in self._known:
            number = self._book._cell_styles[style].numFmtId
            own = number - BUILTIN_FORMATS_MAX_SIZE
            self._known[style] = (
                BUILTIN_FORMATS.get(number, "General")
                if own < 0
                else self._book._number_formats[own]
            )
        return self._known[style]


def _cell(cell: dict[str, Any], formats: _Formats, texts: dict[str, Cell]) -> Cell:
    """One cell; cells with one text are one, for lists say the same over and over."""
    value = cell["value"]
    if cell["data_type"] == "e":
        return Cell(str(value), CellType.ERROR)
    match value:
        case bool():
            return Cell("TRUE" if value else "FALSE", CellType.BOOLEAN)
        case int() | float():
            return Cell(decimal_text(value), CellType.NUMBER, formats.of(cell["style_id"]))
        case datetime() | date() | time():
            return Cell(value.isoformat(), CellType.DATE, formats.of(cell["style_id"]))
        case timedelta():
            return Cell(str(value), CellType.TEXT)
    text = str(value)
    return texts.get(text) or texts.setdefault(text, Cell(text, CellType.TEXT))
