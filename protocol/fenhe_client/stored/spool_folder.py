"""Entries that are fetched and not yet proven, kept between visits, apart from all that is shown.

A small visit never touches the disk here: bundles stay in memory until they are many or until the
visit ends before its goal (`keep`). The folder may be deleted; reading then starts again from the
verified head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import FolderFiles
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import EraseLeaf, LeafForm, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Progress
from fenhe_protocol.tiles import EntryBundle, HashedEntries, bundles_between, decode_bundle

_IN_MEMORY_BYTES = 16 * 1024 * 1024
# The end of a record as everyone writes it. Whatever it is, it is no `x`: one brace closes, so `k`
# is the outermost object's, and a second `k` would not be strict JSON.
_RECORD_END = b'},"k":"r","v":1}'


@dataclass(frozen=True, slots=True)
class SpooledBundle:
    """A bundle as fetched, and its new entries."""

    raw: bytes
    new: HashedEntries


class SpoolFolder:
    """The spool of one log; `log` is its name (`catalogue`)."""

    def __init__(self, folder: Path, *, log: str, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or Disk()
        self._files = FolderFiles(folder, folder, log=log, disk=self._disk)
        self._log = log
        self._fresh: dict[str, SpooledBundle] = {}
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

    def add(self, bundle: EntryBundle, raw: bytes, new: HashedEntries) -> None:
        """Take a bundle in with its new entries, no promise until `keep`."""
        self._fresh[bundle.path] = SpooledBundle(raw, new)
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

    def read(self, bundle: EntryBundle, head: LogHead) -> SpooledBundle:
        """A bundle that was added; StoreError `store.absent`."""
        if (fresh := self._fresh.get(bundle.path)) is not None:
            return fresh
        if (raw := self._files.read(bundle.path)) is None:
            raise StoreError("store.absent", where=str(self._folder / bundle.path))
        return SpooledBundle(raw, HashedEntries.of(new_entries(bundle, raw, head)))

    def erasures(self, bundle: EntryBundle, new: HashedEntries) -> Iterator[EraseLeaf]:
        """The `x` leaves among the new entries of a bundle: not kept, for they may be large."""
        start = bundle.index * BLOCK + bundle.width - len(new.entries)
        return (leaf for _, leaf in find_erasures(new.entries, start, self._log))

    def whole(self, bundle: EntryBundle) -> Sequence[bytes] | None:
        """All entries of a bundle, if it came new in this visit and is still in memory."""
        fresh = self._fresh.get(bundle.path)
        whole = fresh is not None and len(fresh.new.entries) == bundle.width
        return fresh.new.entries if fresh is not None and whole else None

    @property
    def _progress_file(self) -> Path:
        return self._folder / "progress.json"

    def _flush(self) -> None:
        self._files.write_all({path: each.raw for path, each in self._fresh.items()})
        self._fresh.clear()
        self._fresh_bytes = 0


def new_entries(bundle: EntryBundle, raw: bytes, head: LogHead) -> list[bytes]:
    """The entries of a bundle that lie above the head."""
    entries = decode_bundle(raw, bundle.width, max_entry=DEFAULTS.leaf_bytes)
    return entries[max(0, head.size - bundle.index * BLOCK) :]


def find_erasures(
    entries: Sequence[bytes], start: int, log: str
) -> Iterator[tuple[int, EraseLeaf]]:
    """The `x` leaves among entries from index `start` on."""
    for index, raw in enumerate(entries, start):
        if raw.endswith(_RECORD_END):
            continue
        try:
            leaf = parse_leaf(raw, index=index, log=log)
        except LeafForm:
            continue
        if isinstance(leaf, EraseLeaf):
            yield index, leaf
