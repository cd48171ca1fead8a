"""Entries that are fetched and not yet proven, kept between visits, apart from all that is shown.

Beside them stand the tiles that they fill, so that what is proven in the end only has to be moved
(`hand_over`). A small visit never touches the disk here: files stay in memory until they are many
or until the visit ends before its goal (`keep`). The folder may be deleted, and loses what makes it
count before the first file is moved; reading then starts again from the verified head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files, replace_files, write_apart
from fenhe_client.stored.files import FeedFiles, FolderFiles
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaf import EraseLeaf, LeafForm, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Progress
from fenhe_protocol.strict_json import dumps, loads
from fenhe_protocol.tiles import (
    TILE_LEVELS,
    EntryBundle,
    HashedEntries,
    Tile,
    bundles_between,
    decode_bundle,
    decode_tile,
    edge_tiles,
    tiles_between,
)

_IN_MEMORY_BYTES = 16 * 1024 * 1024  # of bundles; their tiles take less than half of that
_FILES_AT_ONCE = 256
# The end of a record as everyone writes it. Whatever it is, it is no `x`: one brace closes, so `k`
# is the outermost object's, and a second `k` would not be strict JSON.
_RECORD_END = b'},"k":"r","v":1}'


@dataclass(frozen=True, slots=True)
class SpooledBundle:
    """A bundle as fetched, and its new entries."""

    raw: bytes
    new: HashedEntries


class SpoolFolder:
    """The spool of one log; `log` is its name (`catalogue`).

    `edge` are the partial tiles at its right edge where it was last kept, lowest level first.
    """

    def __init__(self, folder: Path, *, log: str, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or Disk()
        self._files = FolderFiles(folder, folder, log=log, disk=self._disk)
        self._log = log
        self._fresh: dict[str, SpooledBundle] = {}
        self._fresh_tiles: dict[str, bytes] = {}
        self._fresh_bytes = 0
        self._erasing: list[int] = []  # the blocks with an `x` among their new entries
        self.edge: list[bytes] = []

    def progress(self) -> Progress | None:
        """How far an earlier visit came; None where nothing of use was kept."""
        self._forget()
        try:
            kept = loads(self._progress_file.read_bytes())
            progress = Progress.decode(kept["progress"].encode())
            self.edge = [*map(b64_decode, kept["edge"])]
            for tile, raw in zip(edge_tiles(progress.range.size), self.edge, strict=True):
                decode_tile(raw, tile.width)
            self._erasing = [*map(int, kept["erasing"])]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError, Refused):
            self.drop()
            return None
        return progress

    def add(self, bundle: EntryBundle, raw: bytes, new: HashedEntries) -> None:
        """Take a bundle in with its new entries, no promise until `keep`."""
        self._fresh[bundle.path] = SpooledBundle(raw, new)
        self._fresh_bytes += len(raw)
        if any(self._find(bundle, new)):
            self._erasing.append(bundle.index)

    def add_tile(self, tile: Tile, raw: bytes) -> None:
        """Take a tile in that follows from what was added."""
        self._fresh_tiles[tile.path] = raw

    @property
    def is_full(self) -> bool:
        """Whether more is in memory than should be: then `write` it."""
        return self._fresh_bytes > _IN_MEMORY_BYTES

    def write(self) -> None:
        """Bring what is in memory to the disk."""
        fresh = self._in_memory()
        write_apart(self._disk, {self._folder / path: raw for path, raw in fresh.items()})
        self._clear()

    def keep(self, progress: Progress, edge: Sequence[bytes]) -> None:
        """Make what was added, and how far it goes, outlive the process."""
        self.write()
        kept = {
            "edge": [*map(b64_encode, edge)],
            "erasing": self._erasing,
            "progress": progress.encode().decode(),
        }
        replace_files(self._disk, {self._progress_file: dumps(kept)})

    def drop(self) -> None:
        """Forget everything."""
        self._forget()
        if self._folder.is_dir():
            # First what makes the rest count, so that a crash in between leaves nothing half.
            remove_files(self._disk, [self._progress_file])
            for folder in ("entries", *range(TILE_LEVELS)):
                self._files.remove(list(self._files.paths(f"tile/{folder}")))

    def hand_over(self, files: FeedFiles, head: LogHead, grown: LogHead) -> None:
        """Put entries and tiles between these heads where they are shown; StoreError.

        `store.absent` where a part is gone. What is in memory stays at hand for `whole`.
        """
        bundles = bundles_between(head.size, grown.size)
        tiles = tiles_between(head.size, grown.size)
        paths = [*(bundle.path for bundle in bundles), *(tile.path for tile in tiles)]
        fresh = self._in_memory()
        moves = {path: self._folder / path for path in paths if path not in fresh}
        if gone := next((source for source in moves.values() if not source.exists()), None):
            raise StoreError("store.absent", where=str(gone))
        rest = iter(fresh.items())
        while chunk := dict(islice(rest, _FILES_AT_ONCE)):
            files.write_all(chunk)
        if moves:
            # Once a part of it is gone from here, the rest must count no more, whatever happens.
            remove_files(self._disk, [self._progress_file])
            files.take_in(moves)

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

    def erasures(self, head: LogHead, grown: LogHead) -> Iterator[EraseLeaf]:
        """The `x` leaves among the new entries: not kept, for they may be large."""
        for block in self._erasing:
            bundle = EntryBundle(block, min(BLOCK, grown.size - block * BLOCK))
            yield from self._find(bundle, self.read(bundle, head).new)

    def _find(self, bundle: EntryBundle, new: HashedEntries) -> Iterator[EraseLeaf]:
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

    def _in_memory(self) -> dict[str, bytes]:
        return {path: each.raw for path, each in self._fresh.items()} | self._fresh_tiles

    def _forget(self) -> None:
        self._clear()
        self._erasing, self.edge = [], []

    def _clear(self) -> None:
        self._fresh.clear()
        self._fresh_tiles.clear()
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
