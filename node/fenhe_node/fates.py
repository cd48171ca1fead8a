"""What became of each column and each row of an imported file. Plain values, kept in the store."""

from dataclasses import dataclass
from enum import StrEnum


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
    cells: tuple[tuple[int, str, str, str], ...] = ()
    key: str = ""  # what a source without rows calls it
