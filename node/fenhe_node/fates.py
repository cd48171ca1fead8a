"""What became of each column and each row of an imported file. Plain values, kept in the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import overload

from fenhe_client.sheets.table import CellType, Row


@dataclass(frozen=True)
class ColumnFate:
    """What becomes of one column. `tier` is pub, hub, nat or node; empty: it is not read at all."""

    index: int  # from 0
    column: str  # the letter
    header: str  # as it stands in the file
    fields: tuple[str, ...] = ()
    tier: str = ""
    why_zh: str = ""
    why_en: str = ""
    row: int = 0  # where a sheet lists fields downwards: the row of this one

    @property
    def why(self) -> str:
        """Why it is not sent, or not read: Chinese, then English, empty if it is sent."""
        both = dict.fromkeys(filter(None, (self.why_zh, self.why_en)))
        return "; ".join(both)

    @property
    def sent(self) -> bool:
        """Whether anything of this column leaves the unit."""
        return self.tier in ("pub", "hub")


class Fate(StrEnum):
    """Every row read has exactly one."""

    STAGED = "staged"
    REFUSED = "refused"
    SKIPPED = "skipped"


class RowCells(Sequence[tuple[int, str, str, str]]):
    """The cells of a row as a fate tells them, made when they are asked for."""

    __slots__ = ("_row",)

    def __init__(self, row: Row) -> None:
        self._row = row

    def __iter__(self) -> Iterator[tuple[int, str, str, str]]:
        return (
            (column, cell.text, cell.type, cell.format)
            for column, cell in enumerate(self._row.cells)
            if cell.type is not CellType.EMPTY
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, at: int) -> tuple[int, str, str, str]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[int, str, str, str]]: ...
    def __getitem__(
        self, at: int | slice
    ) -> tuple[int, str, str, str] | Sequence[tuple[int, str, str, str]]:
        return tuple(self)[at]


@dataclass(frozen=True, slots=True)
class RowFate:
    """One row as it stood, blanks left out.

    `cells` holds (column from 0, raw text, cell type, Excel's number format or "").
    """

    row: int  # from 1, as Excel shows it
    fate: Fate
    id: str = ""
    why_zh: str = ""
    why_en: str = ""
    cells: Sequence[tuple[int, str, str, str]] = ()
    key: str = ""  # what a source without rows calls it
