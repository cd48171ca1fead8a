"""Sheets, rows and cells, the same for every source, and the seam `Source`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol


class CellType(StrEnum):
    """How the source stores a cell, which is not always what it means."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"
    FORMULA = "formula"  # a formula whose result the file does not hold


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it stands: a number in plain decimals, a date as ISO, else the text."""

    text: str
    type: CellType
    format: str = ""  # Excel's number format


EMPTY = Cell("", CellType.EMPTY)


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts from 1 as Excel shows it; `key` is what a source without rows calls it."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    key: str = ""  # of a record of a database or an interface: id 17; empty in a file

    @property
    def empty(self) -> bool:
        """Whether nothing but blanks stands here."""
        return not any(cell.text.strip() for cell in self.cells)

    def cell(self, column: int) -> Cell:
        """Give the cell at `column` (from 0); beyond the end it is empty."""
        return self.cells[column] if column < len(self.cells) else EMPTY


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged region: rows from 1, columns from 0, both ends included. Its value is top left."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Whether the cell lies in the region without holding its value."""
        inside = self.top <= row <= self.bottom and self.left <= column <= self.right
        return inside and (row, column) != (self.top, self.left)


@dataclass(frozen=True)
class Sheet:
    """One sheet; rows after the last that holds anything are left out."""

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False
    hidden_columns: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns of the widest row."""
        return max((len(row.cells) for row in self.rows), default=0)

    def merge_over(self, row: int, column: int) -> Merge | None:
        """Find the merged region whose value this cell would show."""
        return next((merge for merge in self.merges if merge.covers(row, column)), None)


class Source(Protocol):
    """One place that rows come from: a file today, a laboratory system's interface later.

    `read` raises InputError and names the place if the whole cannot be read; it never leaves out a
    row that it could not understand.
    """

    @property
    def name(self) -> str:
        """What people call it: the file's name."""
        ...

    def read(self) -> Sequence[Sheet]:
        """Read all sheets in their order."""
        ...

    def notes(self) -> Sequence[str]:
        """Say what had to be decided to read it (the encoding), Chinese first."""
        ...


@lru_cache(maxsize=1024)
def letter(column: int) -> str:
    """Write a column number (from 0) as Excel does: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def without_trailing_blanks(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Cut the empty rows at the end, which spreadsheets keep for their formatting."""
    end = len(rows)
    while end and rows[end - 1].empty:
        end -= 1
    return tuple(rows[:end])
