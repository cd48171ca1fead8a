"""Text for a terminal: columns in which a Chinese character is two wide, fingerprints in fours.

What strangers wrote passes `inert`, or as JSON `inert_json`, where a program prints it: nothing in
it may move a cursor, name a window or turn the direction of writing.
"""

import re
import unicodedata
from collections.abc import Sequence

# Controls (Cc), formats such as those of direction (Cf), surrogates, private use and what is not
# assigned, separators of lines and paragraphs: all that is not for being seen.
_SHOWN_SPACES = frozenset("\n \u3000\xa0")
_MAYBE_ACTING = re.compile(r"[^\n -~]")


def inert(text: str) -> str:
    """The text with a mark in place of every character that is not for being seen."""
    return _MAYBE_ACTING.sub(lambda found: _shown(found[0], "\ufffd"), text)


def inert_json(text: str) -> str:
    """The same JSON with an escape in place of every such character: they stand in strings only."""
    return _MAYBE_ACTING.sub(lambda found: _shown(found[0], _escaped(found[0])), text)


def quiet_json(raw: bytes, *, terminal: bool) -> bytes:
    """JSON for a program, byte for byte; on a terminal it is the same value, and inert."""
    return inert_json(raw.decode("utf-8")).encode() if terminal else raw


def _shown(character: str, instead: str) -> str:
    is_seen = character.isprintable() or character in _SHOWN_SPACES
    return character if is_seen else instead


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


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
