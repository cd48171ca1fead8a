"""Archives that are the same bytes for the same files: one time, plain modes, sorted names."""

import io
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from gzip import GzipFile
from pathlib import Path

from deploy.packaging.wheels import epoch

PROGRAM, PLAIN = 0o755, 0o644


def write_tar(target: Path, files: Mapping[str, bytes]) -> Path:
    """A .tar.gz; what ends in .sh may be run."""
    with (
        target.open("wb") as raw,
        GzipFile("", "wb", 9, raw, mtime=epoch()) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), epoch()
            entry.mode = PROGRAM if name.endswith(".sh") else PLAIN
            archive.addfile(entry, io.BytesIO(content))
    return target


def write_zip(target: Path, files: Mapping[str, bytes]) -> Path:
    """A .zip for Windows, whose names are UTF-8."""
    at = datetime.fromtimestamp(epoch(), UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, at)
            entry.external_attr = PLAIN << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target
