"""Look for the invented persons of `planting` in anything: files, databases, archives, answers.

Independent of the product's own detection: it searches for the marks alone, in every coding a byte
may stand in. Start at `marks_in`.
"""

import base64
import binascii
import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

_MARKS = re.compile(
    r"1397654\d{4}|14010519491231\d{3}[\dX]|lisi7\d{4}@|zhangsan7\d{4}@|诸葛示例", re.IGNORECASE
)
_GAPS = re.compile(r"(?<=\d)[\s().·\-\u2010-\u2015\u2212\u200b]{1,3}(?=\d)")
_ESCAPES = re.compile(r"\\u([0-9a-fA-F]{4})")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{32,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-f]{8} ?){3,}")
_DEEPEST = 2


def marks_in(raw: bytes, depth: int = 0) -> set[str]:
    """Every mark in these bytes, whatever the coding."""
    found = {match[0] for text in _texts(raw) for match in _MARKS.finditer(text)}
    if depth < _DEEPEST:
        for inner in _inside(raw, whole=depth == 0):
            found |= marks_in(inner, depth + 1)
    return found


def _texts(raw: bytes) -> Iterator[str]:
    for coding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        text = raw.decode(coding, "replace")
        for read in {text, html.unescape(_ESCAPES.sub(lambda m: chr(int(m[1], 16)), text))}:
            yield _GAPS.sub("", unicodedata.normalize("NFKC", read))


def _inside(raw: bytes, whole: bool) -> Iterator[bytes]:
    """What is packed in these bytes: base64, hex, percent signs, and a `whole` file's archive."""
    if whole and raw.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from map(archive.read, archive.namelist())
    if whole and raw.startswith(b"\x1f\x8b"):
        yield zlib.decompress(raw, 16 + zlib.MAX_WBITS)
    if b"%" in raw:
        yield unquote_to_bytes(raw)
    for match in _BASE64.finditer(raw):
        coded = match[0].rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        try:
            yield base64.b64decode(coded + b"=" * (-len(coded) % 4))
        except binascii.Error:
            continue
    for match in _HEX.finditer(raw):
        yield bytes.fromhex(match[0].decode().replace(" ", ""))


def marks_below(folder: Path) -> dict[str, set[str]]:
    """The marks in each file of a folder that has any, by its path."""
    found = {path: marks_in(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
    return {str(path.relative_to(folder)): marks for path, marks in found.items() if marks}
