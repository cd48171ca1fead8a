"""Which encoding and delimiter a text file is in, told for certain or not at all.

GB18030 decodes nearly any bytes, Western text included ("Müller" becomes "M黮ler" without an
error). So it is taken only where the bytes look like Chinese; else the unit must say `encoding:` in
the mapping.
"""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass

from fenhe_protocol.errors import InputError

DELIMITERS = (",", "\t", ";", "|")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 (BOM)"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16 LE"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16 BE"),
)
_ZEROS = 20  # of so many bytes of UTF-16 more than one is zero; a stray one tells nothing
_SAMPLE_LINES = 50
_SAMPLE_CHARACTERS = 100_000


@dataclass(frozen=True)
class Decoded:
    """The text and the name of the encoding it was in."""

    text: str
    encoding: str


def decode(raw: bytes, *, file: str, encoding: str = "") -> Decoded:
    """Decode `raw`, as told or as found; InputError `source.encoding` names the line."""
    if encoding:
        return _strict(raw, encoding, encoding, file)
    for mark, codec, name in _MARKS:
        if raw.startswith(mark):
            return _strict(raw, codec, name, file)
    if raw[:4096].count(0) * _ZEROS > len(raw[:4096]):
        return _unmarked_utf16(raw, file)
    try:
        return Decoded(raw.decode("utf-8"), "UTF-8")
    except UnicodeDecodeError as error:
        return _gb18030(raw, error.start, file)


def _strict(raw: bytes, codec: str, name: str, file: str) -> Decoded:
    try:
        return Decoded(raw.decode(codec), name)
    except UnicodeDecodeError as error:
        raise _undecodable(raw, error.start, name, file) from error
    except (LookupError, ValueError) as error:  # no name of a codec, or one that reads nothing
        raise InputError(
            "mapping.value", where="encoding", expected="utf-8, gb18030, …", found=codec
        ) from error


def _unmarked_utf16(raw: bytes, file: str) -> Decoded:
    # Of a Latin letter or a comma in UTF-16 the zero byte comes second in little endian.
    little = raw[1:4096:2].count(0) >= raw[0:4096:2].count(0)
    return _strict(raw, "utf-16-le" if little else "utf-16-be", "UTF-16", file)


def _gb18030(raw: bytes, first_odd: int, file: str) -> Decoded:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _undecodable(raw, error.start, "UTF-8, GB18030", file) from error
    if not _looks_chinese(text):
        raise _undecodable(raw, first_odd, "UTF-8, GB18030", file)
    return Decoded(text, "GB18030")


def _looks_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII are of GB 2312, as in everyday Chinese."""
    others = [character for character in text if not character.isascii()][:_SAMPLE_CHARACTERS]
    everyday = sum(1 for character in others if character.encode("gb2312", "ignore"))
    return 2 * everyday > len(others)


def _undecodable(raw: bytes, position: int, expected: str, file: str) -> InputError:
    line = raw.count(b"\n", 0, position) + 1
    return InputError(
        "source.encoding",
        where=f"{file} · 第 {line} 行 line {line}",
        expected=expected,
        found=raw[position : position + 4].hex(" "),
        advice="另存为 UTF-8, 或在映射中写 encoding; save as UTF-8 or map its encoding",
    )


def find_delimiter(text: str) -> str:
    """Find the delimiter that splits most of the first lines into the same number of columns."""
    lines = text.splitlines()[:_SAMPLE_LINES]
    return max(DELIMITERS, key=lambda delimiter: _agreement(lines, delimiter))


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1]
    except csv.Error:  # said with its line when the whole is read
        rows = []
    widths = Counter(map(len, rows))
    if not widths:
        return (0, 0)
    width, agreeing = max(widths.items(), key=lambda item: (item[1], item[0]))
    return (agreeing, width)
