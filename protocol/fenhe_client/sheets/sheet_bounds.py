"""What a worksheet claims, counted before anything is made of it. Start at `check_bounds`.

An .xlsx of five kilobytes can name the last cell there is, merge all of them or hide a thousand
million columns, and openpyxl makes an object of each. Real lists are far below every bound.
"""

import re
import zipfile
from collections.abc import Callable, Mapping
from xml.parsers import expat

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # Excel's own
MOST_CELLS = 4_000_000  # of the rectangle with content, named one by one, or in areas

_PLACE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_CONTENT = ("v", "f", "is")

Attributes = Mapping[str, str]


class BeyondBoundsError(ValueError):
    """A sheet claims more than can be a list."""


class _NoSheet(Exception):
    """The part is something else than a worksheet."""


def check_bounds(archive: zipfile.ZipFile) -> None:
    """Count every worksheet of the workbook; BeyondBoundsError."""
    for member in archive.infolist():
        with archive.open(member) as part:
            _Counter().read(part.read)


class _Counter:
    """Reads one part of the archive; only a worksheet is read beyond its first element."""

    def __init__(self) -> None:
        self._root = ""
        self._row = self._column = 0  # of the cell being read
        self._last_row = self._last_column = 0  # of what has content
        self._cells = self._areas = 0
        self._seen: Mapping[str, Callable[[Attributes], None]] = {
            "row": self._begin_row,
            "c": self._begin_cell,
            "col": self._columns,
            "mergeCell": self._area,
            "hyperlink": self._area,
        }

    def read(self, read: Callable[[int], bytes]) -> None:
        """Count the part that `read` gives piece by piece; BeyondBoundsError."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = _no_doctype
        try:
            while chunk := read(1 << 16):
                parser.Parse(chunk)
            parser.Parse(b"", True)
        except _NoSheet:
            pass
        except expat.ExpatError as error:
            if self._root:  # a picture is no XML from its first byte on
                raise BeyondBoundsError(str(error)) from error

    def _start(self, tag: str, attributes: Attributes) -> None:
        name = tag.rpartition(":")[2]
        if not self._root:
            self._root = name
            if name != "worksheet":
                raise _NoSheet
        if name in _CONTENT and self._row:
            self._fill(self._row, self._column)
        elif name in self._seen:
            self._seen[name](attributes)

    def _begin_row(self, attributes: Attributes) -> None:
        self._row, self._column = int(attributes.get("r", self._row + 1)), 0
        _check(self._row, LAST_ROW)

    def _begin_cell(self, attributes: Attributes) -> None:
        self._column += 1
        if "r" in attributes:
            self._row, self._column = _place(attributes["r"])
        self._cells += 1
        _check(self._cells, MOST_CELLS)

    def _columns(self, attributes: Attributes) -> None:
        first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
        _check(last, LAST_COLUMN)
        self._count(last - first + 1)

    def _area(self, attributes: Attributes) -> None:
        first, _, last = attributes.get("ref", "A1").replace("$", "").partition(":")
        (top, left), (bottom, right) = _place(first), _place(last or first)
        self._count((bottom - top + 1) * (right - left + 1))
        self._fill(top, max(left, right))

    def _count(self, number: int) -> None:
        self._areas += abs(number)
        _check(self._areas, MOST_CELLS)

    def _fill(self, row: int, column: int) -> None:
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)
        _check(self._last_row * self._last_column, MOST_CELLS)


def _place(text: str) -> tuple[int, int]:
    """Row and column of `B12`."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise BeyondBoundsError(text[:40])
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(match[2])
    _check(row, LAST_ROW)
    _check(column, LAST_COLUMN)
    return row, column


def _check(number: int, most: int) -> None:
    if number > most:
        raise BeyondBoundsError(f"{number} > {most}")


def _no_doctype(*_: object) -> None:
    raise BeyondBoundsError("DOCTYPE")
