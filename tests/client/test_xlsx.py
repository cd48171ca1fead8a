"""Workbooks as other programs write them, not only Excel."""

import io
import re
import zipfile

import openpyxl

from fenhe_client.sheets.table import Cell, CellType
from fenhe_client.sheets.xlsx import XlsxFile


def _prefixed(raw: bytes) -> bytes:
    """The same workbook with `x:` before the elements of its sheets, as the Open XML SDK writes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", part).replace(b"xmlns=", b"xmlns:x=")
            new.writestr(name, part)
    return made.getvalue()


def test_a_formula_without_a_result_says_so_whatever_prefix_its_elements_have() -> None:
    book, raw = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["A-1", "=1+2"])
    book.save(raw)
    (sheet,) = XlsxFile("价目.xlsx", _prefixed(raw.getvalue())).read()
    assert sheet.rows[0].cells == (Cell("A-1", CellType.TEXT), Cell("", CellType.FORMULA))
