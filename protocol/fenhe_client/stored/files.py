"""Where the files of one log lie: the seam `FeedFiles`, and `FolderFiles`, two trees on a disk.

What everyone may read lies under one folder and can be served by any web server as it stands; what
only enrolled readers may read lies under another (feed §1, "Who may read"). `is_held` is that rule.
Paths are relative to the log (or, for root documents, to the unit) and made of fixed names and
integers; any other path is refused here, so no name that a stranger chose ever reaches the disk.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from fenhe_client.stored.disk import Disk, move_files, remove_files, replace_files
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import split_log_name
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import HashReader
from fenhe_protocol.tiles import (
    EntryBundle,
    Tile,
    decode_bundle,
    decode_tile,
    encode_tile,
    parse_path,
    tile_reader,
)

CHECKPOINT = "checkpoint"
ROOT = "root"  # stands for a log's name where the files are a unit's root documents

_ROOT_PATH = re.compile(r"root/[1-9][0-9]{0,3}")
_FOLDER = re.compile(r"root|tile/entries|tile/(0|[1-9][0-9]?)|body/(hub|nat|pub|to)")


class FeedFiles(Protocol):
    """The files of one log, or the root documents of one unit. Single writer, many readers."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none."""

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Put whole files in place, durably when this returns; StoreError `store.write`."""

    def take_in(self, files: Mapping[str, Path]) -> None:
        """Put files in place that lie durably elsewhere, as `write_all` does; they leave there."""

    def remove(self, paths: Iterable[str]) -> None:
        """Take files away, durably when this returns; absent ones too."""

    def paths(self, folder: str) -> Iterator[str]:
        """The files below `root`, `tile/<L>`, `tile/entries` or `body/<tier>`, in no order."""

    def changed_at(self, path: str) -> int | None:
        """When a file was put in place, in POSIX seconds; None where there is none."""


def root_path(number: int) -> str:
    """`root/<n>`."""
    return f"{ROOT}/{number}"


def is_held(log: str, path: str) -> bool:
    """Whether only enrolled readers may read this file of the log named `log` (feed §1)."""
    if log != ROOT and split_log_name(log)[0] == "usage":
        return True
    return path.startswith("body/") and not path.startswith("body/pub/")


def check_path(log: str, path: str) -> str:
    """Return a path that the log (or, for ROOT, the unit) can have; ValueError for any other."""
    if log == ROOT:
        if not _ROOT_PATH.fullmatch(path):
            raise ValueError(f"no path of a root document: {path!r}")
    elif path != CHECKPOINT:
        parse_path(path)
    return path


class FolderFiles:
    """Files in two folders, `public` and `held`; both may still be absent."""

    def __init__(self, public: Path, held: Path, *, log: str, disk: Disk | None = None) -> None:
        self._public, self._held, self._log = public, held, log
        self._disk = disk or Disk()

    def locate(self, path: str) -> Path:
        """Where a file lies, whether it is there or not; ValueError for a path that is none."""
        return self._tree(check_path(self._log, path)) / path

    def read(self, path: str) -> bytes | None:
        """See FeedFiles."""
        try:
            return self.locate(path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreError("store.read", where=path, found=str(error)) from error

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """See FeedFiles."""
        replace_files(self._disk, {self.locate(path): data for path, data in files.items()})

    def take_in(self, files: Mapping[str, Path]) -> None:
        """See FeedFiles."""
        move_files(self._disk, {self.locate(path): source for path, source in files.items()})

    def remove(self, paths: Iterable[str]) -> None:
        """See FeedFiles."""
        remove_files(self._disk, [self.locate(path) for path in paths])

    def paths(self, folder: str) -> Iterator[str]:
        """See FeedFiles."""
        if not _FOLDER.fullmatch(folder):
            raise ValueError(f"no folder of a feed: {folder!r}")
        tree = self._tree(folder + "/")
        for parent, _, names in os.walk(tree / folder):
            below = Path(parent).relative_to(tree).as_posix()
            yield from filter(self._is_path, (f"{below}/{name}" for name in names))

    def changed_at(self, path: str) -> int | None:
        """See FeedFiles."""
        try:
            return int(self.locate(path).stat().st_mtime)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_path(self, path: str) -> bool:
        # What a killed writer or an operator left is not part of the feed.
        try:
            return bool(check_path(self._log, path))
        except ValueError:
            return False

    def _tree(self, path: str) -> Path:
        return self._held if is_held(self._log, path) else self._public


def read_tile(files: FeedFiles, tile: Tile) -> bytes:
    """A stored tile; where a partial is gone, the full one cut. StoreError `store.absent`."""
    if (raw := files.read(tile.path)) is not None:
        return encode_tile(decode_tile(raw, tile.width))
    if (raw := files.read(Tile(tile.level, tile.index).path)) is not None:
        return encode_tile(decode_tile(raw, BLOCK)[: tile.width])
    raise StoreError("store.absent", where=tile.path)


def read_bundle(files: FeedFiles, bundle: EntryBundle, *, max_entry: int) -> list[bytes]:
    """The entries of a stored bundle; where a partial is gone, those of the full one, cut."""
    if (raw := files.read(bundle.path)) is not None:
        return decode_bundle(raw, bundle.width, max_entry=max_entry)
    if (raw := files.read(EntryBundle(bundle.index).path)) is not None:
        return decode_bundle(raw, BLOCK, max_entry=max_entry)[: bundle.width]
    raise StoreError("store.absent", where=bundle.path)


def stored_hashes(files: FeedFiles, size: int) -> HashReader:
    """The hashes of a stored tree of `size`, for one computation."""
    return tile_reader(size, lambda tile: read_tile(files, tile))
