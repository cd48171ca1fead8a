"""The hub's own log as a follower holds it, in a folder, and the words it says (feed §10)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fenhe_client.block_read import BlockRead, BlockReader
from fenhe_client.disk import Disk, replace_files
from fenhe_client.erasing import erase_lines
from fenhe_client.fetch import Fetcher
from fenhe_client.files import CHECKPOINT, FolderFiles, stored_hashes
from fenhe_client.heard import Heard
from fenhe_client.partials import sweep_partials
from fenhe_client.spool_folder import SpoolFolder
from fenhe_client.stored_head import load_head
from fenhe_client.visit import LogReader, LogToRead
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.fed import FedView, Word, read_word
from fenhe_protocol.leaf import EraseLeaf
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import EMPTY_ROOT, root_at
from fenhe_protocol.record import Record, Schemas
from fenhe_protocol.root_document import RootDocument
from fenhe_protocol.tiles import blocks_between

FED = "fed"
_BLOCKS_AT_ONCE = 16


class FedLog:
    """`fed` of the hub whose root document is given, kept in `folder`.

    `needed` are the tiers without whose lines no word is passed over; a unit is given only its own
    lines of tier `hub`.
    """

    def __init__(
        self,
        hub: RootDocument,
        folder: Path,
        tiers: Sequence[str],
        schemas: Schemas,
        disk: Disk,
        *,
        needed: Sequence[str] | None = None,
    ) -> None:
        keys = hub.log(FED)
        if keys is None:
            raise Refused("root.form", where=hub.origin, expected="a log fed")
        self.origin, self.keys = f"{hub.origin}/{FED}", keys.keys
        self._folder, self._disk, self._tiers = folder, disk, tiers
        self._needed = tiers if needed is None else needed
        self._files = FolderFiles(folder / "public", folder / "held", log=FED, disk=disk)
        spool = SpoolFolder(folder / "spool", log=FED, disk=disk)
        log = LogToRead(self.origin, hub.unit, keys.keys, tiers)
        self._log = LogReader(log, self._files, spool, schemas)
        self._blocks = BlockReader(
            self._files, schemas, origin=self.origin, unit=hub.unit, tiers=tiers
        )
        self.size = load_head(self._files, self.origin).size

    async def read(self, fetcher: Fetcher, now: int, told: int) -> FenheError | None:
        """Visit the log; what the publisher did wrong is returned, what is verified stays."""
        if (self._folder / "fork").exists():
            raise Refused("follow.fork", where=str(self._folder / "fork"))
        wanted = {tier: {told // BLOCK} for tier in self._tiers} if told < self.size else {}
        report = await self._log.visit(fetcher, now=now, wanted=wanted)
        # What the hub takes back of its own words is not kept here either (feed §4).
        erase_lines(self._files, report.erasures)
        before, self.size = self.size, report.head.size
        if before // BLOCK < self.size // BLOCK:  # now and then: it looks at every file
            sweep_partials(self._files, self.size, now)
        self.keep_fork(report.evidence)
        return report.error

    @property
    def note(self) -> bytes:
        """The newest verified checkpoint; empty before the first."""
        return self._files.read(CHECKPOINT) or b""

    def root_at(self, size: int) -> bytes:
        """The root of the tree at a size that was verified."""
        return root_at(size, stored_hashes(self._files, self.size)) if size else EMPTY_ROOT

    def keep_fork(self, notes: Sequence[bytes]) -> Path:
        """Keep what proves two histories, if anything does; while it is there, nothing is read."""
        folder = self._folder / "fork"
        replace_files(self._disk, {folder / str(n): raw for n, raw in enumerate(notes)})
        return folder

    def view(self, end: int, heard: Heard) -> FedView:
        """What was said below `end`; `heard` need not be read again."""
        if heard.size > end or self.erases(heard.size, end):
            heard = Heard()
        view, at = heard.view, heard.size
        while at < end:
            at, words = self.words(at, end)
            view.hear(words)
        return view

    def erases(self, start: int, end: int) -> bool:
        """Whether any of the leaves [start, end) is an `x`."""
        return any(
            isinstance(leaf, EraseLeaf) and start <= index < end
            for block in blocks_between(start, end)
            for index, leaf in enumerate(
                self._blocks.leaves(block, self.size).leaves, block * BLOCK
            )
        )

    def words(self, start: int, end: int | None = None) -> tuple[int, list[Word]]:
        """Some words from index `start` on, and the index after them.

        Raises Deferred `follow.missing` where the next word is not there.
        """
        last = min(self.size if end is None else end, (start // BLOCK + _BLOCKS_AT_ONCE) * BLOCK)
        words: list[Word] = []
        for block in range(start // BLOCK, -(-last // BLOCK)):
            read = self._blocks.stored(block, self.size)
            lacking = self._lacking(read, start, last)
            for index in range(max(start, read.start), min(last, read.stop, lacking)):
                words += _words_at(read, index)
            if lacking == start:
                raise Deferred("follow.missing", where=f"{self.origin}#{start}")
            if lacking < last:
                return lacking, words
        return last, words

    def _lacking(self, read: BlockRead, start: int, end: int) -> int:
        """The lowest index of [start, end) whose words are not here and not erased; else `end`."""
        missing = {tier: i for tier, i in read.missing().items() if tier in self._needed}
        lacking = ((index, tier) for tier, found in missing.items() for index in found)
        kept = (i for i, tier in lacking if start <= i < end and not self._is_erased(i, tier))
        return min(kept, default=end)

    def _is_erased(self, index: int, tier: str) -> bool:
        return any(
            isinstance(leaf, EraseLeaf) and leaf.log is None and leaf.covers(index, tier)
            for block in range(index // BLOCK, -(-self.size // BLOCK))
            for leaf in self._blocks.leaves(block, self.size).leaves
        )


def _words_at(read: BlockRead, index: int) -> Iterator[Word]:
    for judged in read.tiers.values():
        verdict = judged.verdicts.get(index)
        if isinstance(verdict, Record) and (word := read_word(verdict)) is not None:
            yield word
