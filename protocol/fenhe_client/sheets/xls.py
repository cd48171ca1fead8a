"""Read .xls (BIFF), with number formats, merged cells and hidden rows: they tell what is sure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlrd

from fenhe_client.sheets.formats import CHINESE_DATES
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
from fenhe_client.sheets.watching import READING, Progress, unwatched, watched
from fenhe_protocol.errors import InputError

_RECORDS = 5000  # of the file, each a cell or a few of one row


@dataclass(frozen=True)
class XlsFile:
    """A Source over the bytes of one .xls file."""

    name: str
    raw: bytes
    progress: Progress = unwatched  # asked while it is read; it may break that off

    def read(self) -> Sequence[Sheet]:
        """Read all sheets, or raise InputError `source.form`."""
        try:
            with xlrd.open_workbook(
                file_contents=self.raw,
                formatting_info=True,
                ragged_rows=True,
                logfile=_Silent(),
                on_demand=True,
            ) as book:
                _watch(book, len(self.raw), self.progress)
                return tuple(self._sheet(book, number) for number in range(book.nsheets))
        except InputError:
            raise
        except Exception as error:  # xlrd raises what it likes on a damaged or protected file
            raise InputError(
                "source.form",
                where=self.name,
                expected="未加密的 .xls a workbook without password",
                found=str(error),
                advice="在 Excel 中打开, 去掉密码, 另存为 .xlsx; save it as .xlsx without password",
            ) from error

    def _sheet(self, book: Any, number: int) -> Sheet:
        sheet = _sheet(book, book.sheet_by_index(number), self.progress)
        book.unload_sheet(number)
        return sheet

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()


def _watch(book: Any, size: int, progress: Progress) -> None:
    """Have somebody told how far xlrd is, which asks the book for one record after the other."""
    read, count = book.get_record_parts, itertools.count()

    def told() -> Any:
        if next(count) % _RECORDS == 0:
            progress(READING, min(book._position, size), size)
        return read()

    book.get_record_parts = told


class _Silent:
    """Xlrd prints warnings about harmless oddities to a log file; nobody reads them."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""


def _sheet(book: Any, sheet: Any, progress: Progress) -> Sheet:
    rows = [
        Row(
            number=index + 1,
            cells=tuple(_cell(book, cell) for cell in sheet.row(index)),
            hidden=_hidden(sheet.rowinfo_map, index),
        )
        for index in watched(f"{READING} {sheet.name}", range(sheet.nrows), progress)
    ]
    return Sheet(
        name=sheet.name,
        rows=without_trailing_blanks(rows),
        merges=tuple(
            Merge(top + 1, left, bottom, right - 1)
            for top, bottom, left, right in sheet.merged_cells
        ),
        hidden=sheet.visibility != 0,
        hidden_columns=tuple(i for i in range(sheet.ncols) if _hidden(sheet.colinfo_map, i)),
    )


def _hidden(info: Any, index: int) -> bool:
    return index in info and bool(info[index].hidden)


def _cell(book: Any, cell: Any) -> Cell:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return Cell(cell.value, CellType.TEXT)
        case xlrd.XL_CELL_NUMBER:
            return Cell(decimal_text(cell.value), CellType.NUMBER, _format(book, cell))
        case xlrd.XL_CELL_DATE:
            return _date(book, cell)
        case xlrd.XL_CELL_BOOLEAN:
            return Cell("TRUE" if cell.value else "FALSE", CellType.BOOLEAN)
        case xlrd.XL_CELL_ERROR:
            return Cell(xlrd.error_text_from_code.get(cell.value, "#ERROR"), CellType.ERROR)
    return EMPTY


def _format(book: Any, cell: Any) -> str:
    number = book.xf_list[cell.xf_index].format_key
    return str(book.format_map[number].format_str or CHINESE_DATES.get(number, ""))


def _date(book: Any, cell: Any) -> Cell:
    try:
        moment = xlrd.xldate_as_datetime(cell.value, book.datemode)
    except (OverflowError, ValueError):
        # Excel itself shows ##### for a serial it cannot place in its calendar.
        return Cell("#####", CellType.ERROR)
    return Cell(moment.isoformat(), CellType.DATE, _format(book, cell))
