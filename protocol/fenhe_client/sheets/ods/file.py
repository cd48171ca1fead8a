"""Read .ods as LibreOffice, WPS and Excel write it. What a sheet holds is read in `content`.

Nothing is unpacked but `content.xml` and `styles.xml`, and both are read as a stream: a repeated
row or a repeated column is counted before it is made.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_client.sheets.ods.content import read_content
from fenhe_client.sheets.ods.styles import Styles
from fenhe_client.sheets.ods.xml import NotPlainError, feed
from fenhe_client.sheets.table import Sheet
from fenhe_client.sheets.watching import Progress, unwatched, watched_read
from fenhe_client.sheets.zipped import check_unpacked, reading

_CONTENT, _STYLES = "content.xml", "styles.xml"
_ADVICE = "在 LibreOffice 或 Excel 中打开, 去掉密码, 另存; save it again without password"


@dataclass(frozen=True)
class OdsFile:
    """A Source over the bytes of one .ods file."""

    name: str
    raw: bytes
    progress: Progress = unwatched  # asked while it is read; it may break that off

    def read(self) -> Sequence[Sheet]:
        """Read all sheets, or raise InputError `source.form` or `source.size`."""
        with (
            reading(self.name, ".ods", _ADVICE),
            zipfile.ZipFile(io.BytesIO(self.raw)) as archive,
        ):
            members = archive.infolist()
            check_unpacked(self.name, (m for m in members if m.filename in (_CONTENT, _STYLES)))
            return _sheets(archive, self.progress)

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()


def is_ods(raw: bytes) -> bool:
    """Whether a zip is a spreadsheet of OpenDocument: it has its content where those have it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _CONTENT in archive.namelist()
    except Exception:  # zipfile raises what it likes; whoever reads it says so with the file's name
        return False


def _sheets(archive: zipfile.ZipFile, progress: Progress) -> tuple[Sheet, ...]:
    if any(each.flag_bits & 1 for each in archive.infolist()):
        raise NotPlainError("encrypted")
    styles = Styles()
    if _STYLES in archive.namelist():
        with archive.open(_STYLES) as part:
            feed(part.read, styles)
    with archive.open(_CONTENT) as part:
        size = archive.getinfo(_CONTENT).file_size
        return read_content(watched_read(part.read, size, progress), styles)
