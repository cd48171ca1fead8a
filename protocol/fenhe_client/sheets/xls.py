"""Read .xls (BIFF), with number formats, merged cells and hidden rows: they tell what is sure."""

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
from fenhe_protocol.errors import InputError


@dataclass(frozen=True)
class XlsFile:
    """A Source over the bytes of one .xls file."""

    name: str
    raw: bytes

    def read(self) -> Sequence[Sheet]:
        """Read all sheets, or raise InputError `source.form`."""
        try:
            with xlrd.open_workbook(
                file_contents=self.raw, formatting_info=True, ragged_rows=True, logfile=_Silent()
            ) as book:
                return tuple(_sheet(book, sheet) for sheet in book.sheets())
        except Exception as error:  # xlrd raises what it likes on a damaged or protected file
            raise InputError(
                "source.form",
                where=self.name,
                expected="未加密的 .xls a workbook without password",
                found=str(error),
                advice="在 Excel 中打开, 去掉密码, 另存为 .xlsx; save it as .xlsx without password",
            ) from error

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()


class _Silent:
    """Xlrd prints warnings about harmless oddities to a log file; nobody reads them."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing is kept."""


def _sheet(book: Any, sheet: Any) -> Sheet:
    rows = [
        Row(
            number=index + 1,
            cells=tuple(_cell(book, cell) for cell in sheet.row(index)),
            hidden=_hidden(sheet.rowinfo_map, index),
        )
        for index in range(sheet.nrows)
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
