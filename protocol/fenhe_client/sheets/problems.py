"""Where something stands in a unit's own file, and what is wrong with it there.

Every message to a unit names file, sheet, row and column, so that it can be mended where it was
written. `Problem.line` is the one way they are shown.
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """One cell, or a row, or a file: what is not known is empty. `row` counts from 1."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""  # the letter: "K"
    header: str = ""  # the header as it stands in the file
    key: str = ""  # what a source without rows calls its record: id 17

    @property
    def title(self) -> str:
        """The header without the guidance in its brackets."""
        return re.split(r"[（(\n]", self.header, maxsplit=1)[0].strip() or self.header

    def __str__(self) -> str:
        row = f"第 {self.row} 行 row {self.row}" if self.row else ""
        cell = f"{self.column}{self.row or ''}" if self.column else row
        if self.key:
            cell = self.key
        return " · ".join(part for part in (self.file, self.sheet, cell) if part)


@dataclass(frozen=True)
class Problem:
    """A finding about one value. Only what is `blocking` keeps its record from being published."""

    code: str
    expected_zh: str
    expected_en: str
    found: str = ""  # empty where it must not be quoted (a phone in a public field)
    field: str = ""
    place: Place | None = None
    kind: str = ""
    record_id: str = ""
    blocking: bool = True

    def line(self) -> str:
        """One line for people: place, what was found, what is expected, Chinese first."""
        where = str(self.place) if self.place else f"{self.kind} {self.record_id}".strip()
        found = f'"{self.found}"' if self.found else ""
        name = self.place.title if self.place and self.place.column else self.field
        parts = (where, name, found, self.expected_zh, self.expected_en)
        return "  ".join(part for part in parts if part)

    def facts(self) -> dict[str, Any]:
        """The same for `--json`."""
        return {
            "code": self.code,
            "file": self.place.file if self.place else "",
            "sheet": self.place.sheet if self.place else "",
            "row": self.place.row if self.place else 0,
            "key": self.place.key if self.place else "",
            "column": self.place.column if self.place else "",
            "header": self.place.header if self.place else "",
            "kind": self.kind,
            "id": self.record_id,
            "field": self.field,
            "found": self.found,
            "expected_zh": self.expected_zh,
            "expected_en": self.expected_en,
            "blocking": self.blocking,
        }
