"""The national template with forty rows, nine of which are wrong, each in its own way."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.node.test_national_template import COLUMNS, fill

ROWS = 40
FIRST = 3  # the row of the first instrument
WRONG: Mapping[str, tuple[Any, str]] = {
    "K5": ("35万", "35"),
    "K9": ("３２０．００", "320.00"),
    "N12": ("2019.13.01", "2019-12-01"),
    "H15": (10601, "010601"),
    "J18": ("也许", "否"),
    "X21": ("预约请打 13800000000", "提前一个工作日预约"),
    "Z24": ("见网站", "https://u1.example/booking/24"),
    "AJ27": ("03000", "030006"),
    "O30": ("都可以", "通用"),
}
"""Cell: what stands there, and what should."""


def forty(path: Path) -> Path:
    """Write the list."""
    return fill(path, *(_row(number) for number in range(FIRST, FIRST + ROWS)))


def mend(marked: Path) -> None:
    """Put right what is marked, where it is marked; AssertionError where a cell is not."""
    book = load_workbook(marked)
    sheet = book.worksheets[0]
    for cell, (_, right) in WRONG.items():
        assert sheet[cell].comment, cell
        sheet[cell].value = right
    book.save(marked)


def _row(number: int) -> dict[str, Any]:
    own = {"A": f"NRII-{number:04}", "B": f"S2015{number:03}"}
    wrong = {
        cell.rstrip("0123456789"): value
        for cell, (value, _) in WRONG.items()
        if cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == str(number)
    }
    return {**COLUMNS, **own, **wrong}
