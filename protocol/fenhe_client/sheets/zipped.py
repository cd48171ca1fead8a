"""A spreadsheet that is a zip: what it unpacks to, and what is said of one that cannot be read."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from fenhe_client.sheets.sheet_bounds import MOST_CELLS, BeyondBoundsError
from fenhe_protocol.errors import InputError

_UNPACKED_LIMIT = 512 * 1024 * 1024  # bytes; a zip of a few kilobytes can claim terabytes


@contextmanager
def reading(name: str, suffix: str, advice: str) -> Iterator[None]:
    """Let whatever is raised inside be InputError `source.form` or `source.size` of the file."""
    try:
        yield
    except BeyondBoundsError as error:
        raise InputError(
            "source.size",
            where=name,
            expected=f"≤ {MOST_CELLS} 格 cells",
            found=str(error),
            advice="把清单复制到新的工作簿; copy the list into a new workbook",
        ) from error
    except InputError:
        raise
    except Exception as error:  # zipfile and openpyxl raise what they like on a damaged file
        raise InputError(
            "source.form",
            where=name,
            expected=suffix,
            found=f"{type(error).__name__}: {error}",
            advice=advice,
        ) from error


def check_unpacked(name: str, members: Iterable[zipfile.ZipInfo]) -> None:
    """Add up what these members claim to unpack to; InputError `source.size`."""
    size = sum(member.file_size for member in members)
    if size > _UNPACKED_LIMIT:
        raise InputError(
            "source.size",
            where=name,
            expected=f"≤ {_UNPACKED_LIMIT} bytes",
            found=f"{size} bytes",
        )
