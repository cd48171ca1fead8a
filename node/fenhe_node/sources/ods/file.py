"""Read .ods as LibreOffice, WPS and Excel write it. What a sheet holds is read in `content`.

Nothing is unpacked but `content.xml` and `styles.xml`, and both are read as a stream: a repeated
row or a repeated column is counted before it is made.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_node.sources.ods.content import read_content
from fenhe_node.sources.ods.styles import Styles
from fenhe_node.sources.ods.xml import NotPlainError, feed
from fenhe_node.sources.sheet_bounds import MOST_CELLS, BeyondBoundsError
from fenhe_node.sources.table import Sheet
from fenhe_protocol.errors import InputError

_UNPACKED_LIMIT = 512 * 1024 * 1024  # bytes; a zip of a few kilobytes can claim terabytes
_CONTENT, _STYLES = "content.xml", "styles.xml"
_ADVICE = "在 LibreOffice 或 Excel 中打开, 去掉密码, 另存; save it again without password"


@dataclass(frozen=True)
class OdsFile:
    """A Source over the bytes of one .ods file."""

    name: str
    raw: bytes

    def read(self) -> Sequence[Sheet]:
        """Read all sheets, or raise InputError `source.form` or `source.size`."""
        try:
            with zipfile.ZipFile(io.BytesIO(self.raw)) as archive:
                self._check_size(archive)
                return _sheets(archive)
        except BeyondBoundsError as error:
            raise InputError(
                "source.size",
                where=self.name,
                expected=f"≤ {MOST_CELLS} 格 cells",
                found=str(error),
                advice="把清单复制到新的表格; copy the list into a new spreadsheet",
            ) from error
        except InputError:
            raise
        except Exception as error:  # zipfile raises what it likes on a damaged file
            raise InputError(
                "source.form",
                where=self.name,
                expected=".ods",
                found=f"{type(error).__name__}: {error}",
                advice=_ADVICE,
            ) from error

    def notes(self) -> Sequence[str]:
        """Nothing had to be guessed."""
        return ()

    def _check_size(self, archive: zipfile.ZipFile) -> None:
        read = [each for each in archive.infolist() if each.filename in (_CONTENT, _STYLES)]
        size = sum(member.file_size for member in read)
        if size > _UNPACKED_LIMIT:
            raise InputError(
                "source.size",
                where=self.name,
                expected=f"≤ {_UNPACKED_LIMIT} bytes",
                found=f"{size} bytes",
            )


def is_ods(raw: bytes) -> bool:
    """Whether a zip is a spreadsheet of OpenDocument: it has its content where those have it."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _CONTENT in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _sheets(archive: zipfile.ZipFile) -> tuple[Sheet, ...]:
    if any(each.flag_bits & 1 for each in archive.infolist()):
        raise NotPlainError("encrypted")
    styles = Styles()
    if _STYLES in archive.namelist():
        with archive.open(_STYLES) as part:
            feed(part.read, styles)
    with archive.open(_CONTENT) as part:
        return read_content(part.read, styles)
