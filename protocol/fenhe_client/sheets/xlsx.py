"""Read .xlsx. Formulas are read by their stored result; one without a stored result says so.

What a worksheet holds is read row by row in `xlsx_rows`.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.workbook.workbook import Workbook

from fenhe_client.sheets.formats import CHINESE_DATES
from fenhe_client.sheets.sheet_bounds import check_bounds
from fenhe_client.sheets.table import Sheet
from fenhe_client.sheets.watching import READING, Progress, unwatched
from fenhe_client.sheets.xlsx_rows import read_sheet
from fenhe_client.sheets.zipped import check_unpacked, reading

BUILTIN_FORMATS.update(CHINESE_DATES)  # openpyxl has no other place to tell it

_FORMULA = re.compile(rb"<(?:[^<>/\s]{1,40}:)?f[\s>/]")  # some programs write `x:` before it
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
        has_formulas = self._has_formulas()
        with closing(self._opened(data_only=True)) as results:
            read = [read_sheet(sheet) for sheet in results.worksheets]
        if has_formulas:
            with closing(self._opened(data_only=False)) as formulas:
                for sheet, source in zip(read, formulas.worksheets, strict=True):
                    sheet.mark_unsolved(source)
        return tuple(sheet.sheet() for sheet in read)

    def _opened(self, *, data_only: bool) -> Workbook:
        # A workbook that is not only read keeps an object for every cell, 500 bytes each.
        raw = _Watched(self.raw, self.progress)
        return openpyxl.load_workbook(raw, read_only=True, data_only=data_only)

    def _has_formulas(self) -> bool:
        with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
            sheets = (n for n in archive.namelist() if n.startswith("xl/worksheets/"))
            return any(_FORMULA.search(archive.read(name)) for name in sheets)


class _Watched(io.BytesIO):
    """The bytes of a workbook, of which somebody is told how many are read."""

    def __init__(self, raw: bytes, progress: Progress) -> None:
        super().__init__(raw)
        self._size, self._done, self._progress = len(raw), 0, progress

    def read(self, size: int | None = -1, /) -> bytes:
        """Read on, wherever: a zip is read from its end and then from its beginning."""
        self._progress(READING, min(self._done, self._size), self._size)
        chunk = super().read(size)
        self._done += len(chunk)
        return chunk
