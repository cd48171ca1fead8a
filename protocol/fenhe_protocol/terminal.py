"""Text for a terminal: columns in which a Chinese character is two wide, fingerprints in fours."""

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """The columns that `text` takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int) -> str:
    """The text with blanks behind it up to so many columns."""
    return text + " " * (columns - width(text))


def table(rows: Sequence[Sequence[object]]) -> str:
    """Rows of cells in columns, two blanks apart, without blanks at the ends of lines.

    A row may have fewer cells than others.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    most = max(map(len, cells), default=0)
    widths = [max(width(row[n]) for row in cells if n < len(row)) for n in range(most)]
    lines = ("  ".join(map(padded, row, widths)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def grouped(hexadecimal: str) -> str:
    """A fingerprint in groups of four, as it is read aloud over a telephone."""
    return " ".join(hexadecimal[i : i + 4] for i in range(0, len(hexadecimal), 4))
