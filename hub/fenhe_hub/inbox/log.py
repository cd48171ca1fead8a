"""What a log's publisher has pushed and no visit has taken in yet: heads and proven entries.

    inbox/<H(origin)>/heads/<size>          pending checkpoints, the log's own signatures alone
    inbox/<H(origin)>/tile/entries/…        entries proven to lie under one of them

It lies beside the mirror and is never served: all that a push does in the end is a visit that reads
here (`delivery`). Bodies are never stored here: they go through that visit at once. Start at
`Inbox`; `inbox_sweep` keeps all of them small.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import FolderFiles
from fenhe_hub.home import Home
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.tiles import EntryBundle, decode_bundle, encode_bundle, parse_path

MOST_HEADS = 32  # former pending checkpoints that an upload may still name

_ENTRIES = "tile/entries"


@dataclass(frozen=True, slots=True)
class PendingHead:
    """A checkpoint that was submitted and found to follow the one before it."""

    checkpoint: Checkpoint
    note: bytes

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self.checkpoint.size


class Inbox:
    """What was pushed of one log; `log` is its name (`catalogue`)."""

    def __init__(self, folder: Path, *, log: str, disk: Disk | None = None) -> None:
        self._folder, self._disk = folder, disk or Disk()
        self._files = FolderFiles(folder, folder, log=log, disk=self._disk)

    def heads(self) -> dict[int, PendingHead]:
        """The pending checkpoints by size, ascending; StoreError `store.damaged`."""
        folder = self._folder / "heads"
        names = [file.name for file in folder.iterdir()] if folder.is_dir() else []
        found = (
            self._head(folder / str(size)) for size in sorted(map(int, filter(_is_size, names)))
        )
        return {head.size: head for head in found}

    def _head(self, file: Path) -> PendingHead:
        note = file.read_bytes()
        try:
            return PendingHead(parse_checkpoint(parse_note(note).text), note)
        except Refused as error:
            raise StoreError("store.damaged", where=str(file), found=str(error)) from error

    def put_head(self, head: PendingHead, *, verified: int) -> None:
        """Keep a pending checkpoint; former ones go where they are many or below `verified`."""
        replace_files(self._disk, {self._folder / "heads" / str(head.size): head.note})
        sizes = list(self.heads())
        old = [size for size in sizes if size < verified] + sizes[:-MOST_HEADS]
        self._drop_heads(set(old) - {head.size})

    def _drop_heads(self, sizes: set[int]) -> None:
        remove_files(self._disk, [self._folder / "heads" / str(size) for size in sizes])

    def entries(self, block: int) -> list[bytes]:
        """The entries of a block that are here: from its first one on, or none."""
        for width in self._widths(block):
            if (raw := self._files.read(EntryBundle(block, width).path)) is not None:
                return decode_bundle(raw, width, max_entry=DEFAULTS.leaf_bytes)
        return []

    def _widths(self, block: int) -> list[int]:
        """The widths of the bundles of a block, widest first."""
        whole = self._files.locate(EntryBundle(block).path)
        if whole.is_file():
            return [BLOCK]
        parts = whole.with_name(whole.name + ".p")
        names = [file.name for file in parts.iterdir()] if parts.is_dir() else []
        return sorted((int(name) for name in names if _is_width(name)), reverse=True)

    def put_entries(self, block: int, entries: list[bytes]) -> None:
        """Keep the first entries of a block, all proven."""
        path = EntryBundle(block, len(entries)).path
        self._files.write_all({path: encode_bundle(entries)})

    def reach(self, size: int) -> int:
        """The first entry from `size` on that is not here: the mirror's next entry."""
        at, block = size, size // BLOCK
        while widths := self._widths(block):
            at = max(at, block * BLOCK + widths[0])
            if widths[0] < BLOCK:
                break
            block += 1
        return at

    def settle(self, size: int) -> None:
        """Drop what the mirror has: entries below `size`, heads of less."""
        here = [(path, parse_path(path)) for path in self._files.paths(_ENTRIES)]
        done = [
            path
            for path, bundle in here
            if isinstance(bundle, EntryBundle) and bundle.index * BLOCK + bundle.width <= size
        ]
        if done:
            self._files.remove(done)
        self._drop_heads({each for each in self.heads() if each < size})

    def changed_at(self) -> float:
        """When the newest file came; 0 where there is none."""
        return max((file.stat().st_mtime for file in self._each_file()), default=0)

    def drop_entries(self) -> None:
        """Forget all entries; the heads stay, so that the next push still follows them."""
        self._files.remove(list(self._files.paths(_ENTRIES)))

    def _each_file(self) -> Iterator[Path]:
        return (file for file in self._folder.rglob("*") if file.is_file())


def open_inbox(home: Home, origin: str, disk: Disk | None = None) -> Inbox:
    """The inbox of a log."""
    return Inbox(home.inbox(origin), log=origin.rpartition("/")[2], disk=disk)


def _is_size(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _is_width(name: str) -> bool:
    return _is_size(name) and 0 < int(name) < BLOCK
