"""What a command says: a table for people, one JSON value for programs. Pure but for `show`."""

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any


def show(value: Any, text: str, *, as_json: bool) -> None:
    """Print the value as JSON, or the text."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str) if as_json else text)


def complain(text: str) -> None:
    """Say something that is no part of the answer."""
    print(text, file=sys.stderr)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns aligned for a terminal, where a Chinese character is two wide."""
    cells = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join(_line(row, widths) for row in cells)


def pairs(value: Mapping[str, object]) -> str:
    """Names and values, one a line."""
    return "\n".join(f"{name}: {each}" for name, each in value.items())


def grouped(hexadecimal: str) -> str:
    """A fingerprint in groups of four, as it is read aloud over a telephone."""
    return " ".join(hexadecimal[i : i + 4] for i in range(0, len(hexadecimal), 4))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
