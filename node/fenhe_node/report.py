"""What a command says when it is done: text for a person, facts for `--json`, an exit code.

Operations return a `Report`; only `cli` prints. Nothing here knows what a node is.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """The exit codes of every command; scripts may rely on them."""

    DONE = 0
    COULD_NOT = 1  # set-up, disk or network: nothing was changed, try again when mended
    USAGE = 2  # the command line itself
    REFUSED = 3  # a document or a record was refused
    IN_PART = 4  # some of it was done; the report names what was not


@dataclass(frozen=True)
class Report:
    """`text` is Chinese first, English second; `facts` holds only what JSON can say."""

    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    exit: Exit = Exit.DONE

    def rendered(self, *, as_json: bool) -> str:
        """Give the one form that was asked for."""
        if not as_json:
            return self.text
        return json.dumps({**self.facts, "exit": int(self.exit)}, ensure_ascii=False, indent=1)


def width(text: str) -> int:
    """Count the columns that `text` takes in a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Set rows of cells in columns, two spaces apart, without spaces at the ends of lines."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max(width(row[i]) for row in rows if i < len(row)) for i in range(columns)]
    lines = (
        "  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=False))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def grouped(hexadecimal: str) -> str:
    """Write a fingerprint in groups of four, as it is read aloud over a telephone."""
    return " ".join(hexadecimal[i : i + 4] for i in range(0, len(hexadecimal), 4))
