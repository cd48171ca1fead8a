"""Entries that are fetched and not yet proven, kept between visits, apart from all that is shown.

A small visit never touches the disk here: bundles stay in memory until they are many or until the
visit ends before its goal (`keep`). The folder may be deleted; reading then starts again from the
verified head.
"""

from collections.abc import Iterator
from pathlib import Path

from fenhe_client.disk import Disk, remove_files, replace_files
from fenhe_client.files import FolderFiles
from fenhe_protocol.errors import StoreError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Progress
from fenhe_protocol.tiles import EntryBundle, bundles_between, decode_bundle

_IN_MEMORY_BYTES = 16 * 1024 * 1024


class SpoolFolder:
    """The spool of one log; `log` is its name (`catalogue`)."""

    def __init__(self, folder: Path, *, log: str, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or Disk()
        self._files = FolderFiles(folder, folder, log=log, disk=self._disk)
        self._fresh: dict[str, bytes] = {}
        self._fresh_bytes = 0

    def progress(self) -> Progress | None:
        """How far an earlier visit came; None where nothing of use was kept."""
        try:
            return Progress.decode(self._progress_file.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            self.drop()
            return None

    def add(self, bundle: EntryBundle, raw: bytes) -> None:
        """Take a bundle in, without any promise until `keep`."""
        self._fresh[bundle.path] = raw
        self._fresh_bytes += len(raw)
        if self._fresh_bytes > _IN_MEMORY_BYTES:
            self._flush()

    def keep(self, progress: Progress) -> None:
        """Make what was added, and how far it goes, outlive the process."""
        self._flush()
        replace_files(self._disk, {self._progress_file: progress.encode()})

    def drop(self) -> None:
        """Forget everything."""
        self._fresh.clear()
        self._fresh_bytes = 0
        if self._folder.is_dir():
            # First what makes the rest count, so that a crash in between leaves nothing half.
            remove_files(self._disk, [self._progress_file])
            self._files.remove(list(self._files.paths("tile/entries")))

    def bundles(self, head: LogHead, target: int, end: int) -> Iterator[EntryBundle]:
        """The bundles on the way from the head to size `target` that hold entries below `end`."""
        for bundle in bundles_between(head.size, target):
            if bundle.index * BLOCK >= end:
                return
            yield bundle

    def read(self, bundle: EntryBundle) -> list[bytes]:
        """The entries of a bundle that was added; StoreError `store.absent`."""
        raw = self._fresh.get(bundle.path) or self._files.read(bundle.path)
        if raw is None:
            raise StoreError("store.absent", where=str(self._folder / bundle.path))
        return decode_bundle(raw, bundle.width, max_entry=DEFAULTS.leaf_bytes)

    @property
    def _progress_file(self) -> Path:
        return self._folder / "progress.json"

    def _flush(self) -> None:
        self._files.write_all(self._fresh)
        self._fresh.clear()
        self._fresh_bytes = 0
