"""A table that the platform gives out, row by row: CSV as spreadsheets write it, or a workbook."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path

from fenhe_client.sheets.opening import open_file
from fenhe_client.sheets.table import Sheet
from fenhe_protocol.errors import InputError

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_HEAD_ROWS = 10  # titles may stand above the names of the columns

Numbered = tuple[int, dict[str, str]]
"""A row by the number that a spreadsheet shows, and its cells by the names of their columns."""


def read_table(file: Path, column: str) -> Iterator[Numbered]:
    """The rows of the first sheet that has a column of this name; InputError `forward.audit`."""
    raw = _bytes_of(file)
    if not raw.startswith(_WORKBOOKS):
        return enumerate(_whole(csv.DictReader(StringIO(_text(raw, file), newline="")), file), 2)
    for sheet in open_file(file).sheets:
        names = _names(sheet, column)
        if names is not None:
            return _rows(sheet, *names)
    raise InputError("forward.audit", where=file.name, expected=column)


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError("source.unreadable", where=str(file), found=str(error)) from error


def _text(raw: bytes, file: Path) -> str:
    """The text of a CSV as a spreadsheet of today or of yesterday writes it."""
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    raise InputError("forward.audit", where=file.name, expected="UTF-8, GB18030")


def _whole(rows: Iterable[dict[str, str]], file: Path) -> Iterator[dict[str, str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise InputError("forward.audit", where=file.name, found=str(error)) from error


def _names(sheet: Sheet, column: str) -> tuple[int, list[str]] | None:
    """The row that names the columns, and what they are called."""
    for row in sheet.rows[:_HEAD_ROWS]:
        names = [cell.text.strip() for cell in row.cells]
        if column in names:
            return row.number, names
    return None


def _rows(sheet: Sheet, head: int, names: list[str]) -> Iterator[Numbered]:
    for row in sheet.rows:
        if row.number > head and not row.empty:
            cells = ((name, row.cell(at).text.strip()) for at, name in enumerate(names) if name)
            yield row.number, dict(cells)
