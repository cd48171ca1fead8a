"""Pick the reader for a file by its first bytes. Names lie: web systems export HTML called .xls."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.sheets.fields import FieldsFile
from fenhe_client.sheets.ods.file import OdsFile, is_ods
from fenhe_client.sheets.table import Sheet, Source
from fenhe_client.sheets.text import TextFile
from fenhe_client.sheets.watching import Progress, unwatched
from fenhe_client.sheets.xls import XlsFile
from fenhe_client.sheets.xlsx import XlsxFile
from fenhe_protocol.errors import InputError

_FILE_LIMIT = 256 * 1024 * 1024  # bytes
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml")


@dataclass(frozen=True)
class OpenedFile:
    """A file as read: its name, its SHA-256 (hex), all sheets, and what had to be decided."""

    name: str
    sha256: str
    sheets: tuple[Sheet, ...]
    notes: tuple[str, ...]


def open_file(
    path: Path, *, encoding: str = "", delimiter: str = "", progress: Progress = unwatched
) -> OpenedFile:
    """Read the whole file at `path`; InputError says what it is if it is no table."""
    try:
        if path.stat().st_size > _FILE_LIMIT:
            raise InputError("source.size", where=path.name, expected=f"≤ {_FILE_LIMIT} bytes")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError("source.unreadable", where=str(path), found=str(error)) from error
    source = pick_source(path.name, raw, encoding=encoding, delimiter=delimiter, progress=progress)
    sheets = tuple(source.read())
    return OpenedFile(path.name, hashlib.sha256(raw).hexdigest(), sheets, tuple(source.notes()))


def pick_source(
    name: str,
    raw: bytes,
    *,
    encoding: str = "",
    delimiter: str = "",
    progress: Progress = unwatched,
) -> Source:
    """Choose by content; `encoding` and `delimiter` concern text only."""
    if raw.startswith(_OLE):
        return XlsFile(name, raw, progress)
    if raw.startswith(_ZIP):
        return (OdsFile if is_ods(raw) else XlsxFile)(name, raw, progress)
    start = raw[:1024].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(_MARKUP):
        raise InputError(
            "source.markup",
            where=name,
            expected=".xls, .xlsx, .ods, .csv",
            found="HTML/XML",
            advice="在 Excel 中打开后另存为 .xlsx; open it in Excel and save it as .xlsx",
        )
    if name.lower().endswith((".yaml", ".yml")):
        # The one exception: nothing in its bytes tells YAML from text.
        return FieldsFile(name, raw)
    return TextFile(name, raw, encoding, delimiter, progress)
