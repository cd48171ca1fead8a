"""Lists as CSV and .xlsx in which no cell can act: what looks like a formula is text. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS = 20_000
_WIDEST = 60

Cell = str | int | None

# A spreadsheet program takes these for the start of a formula, those of full width as well where
# Chinese is typed; what is not seen before them it may skip.
_ACTING = frozenset("=+-@|%＝＋－＠｜％")
_UNSEEN = frozenset(" \u3000\xa0")


def inert(cell: Cell) -> Cell:
    """A cell of a CSV file that no program runs: an apostrophe stands before what might act."""
    if not isinstance(cell, str) or not cell:
        return cell
    first = next((c for c in cell if c.isprintable() and c not in _UNSEEN), "")
    begins_unseen = not (cell[0].isprintable() or cell[0] in _UNSEEN)
    return f"'{cell}" if begins_unseen or first in _ACTING else cell


def write_spreadsheet(form: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Write a table in a format of `FORMATS`."""
    return _csv(titles, rows) if form == "csv" else _xlsx(titles, rows)


def _csv(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(titles)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    # With the mark Excel reads it as UTF-8 and not in the machine's own encoding.
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _xlsx(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("fenhe")
    sheet.freeze_panes = "A2"
    for number, title in enumerate(titles):
        column = chr(ord("A") + number)
        sheet.column_dimensions[column].width = min(_WIDEST, 6 + 2 * len(title))
    heads = [WriteOnlyCell(sheet, title) for title in titles]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([text_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text_cell(sheet: WriteOnlyWorksheet, cell: Cell) -> object:
    """A cell of a sheet that is written; a text stays one, whatever it begins with."""
    if not isinstance(cell, str):
        return cell
    try:
        written = WriteOnlyCell(sheet, cell)
    except IllegalCharacterError:
        written = WriteOnlyCell(sheet, "".join(c for c in cell if c.isprintable()))
    written.data_type = "s"  # a text, whatever it begins with
    return written
