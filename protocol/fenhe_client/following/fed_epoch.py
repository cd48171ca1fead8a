"""One epoch of a hub's own log as a follower holds it, in a folder, and the words it says.

All epochs together, which is what a hub says, are `fed_log.FedLog`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.reading.block_read import BlockRead, BlockReader
from fenhe_client.reading.visit import LogReader, LogToRead
from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.stored.files import CHECKPOINT, FolderFiles, stored_hashes
from fenhe_client.stored.partials import sweep_partials
from fenhe_client.stored.spool_folder import SpoolFolder, find_erasures
from fenhe_client.stored.stored_head import load_head
from fenhe_client.writing.erasing import (
    Ranges,
    erase_lines,
    erased_in,
    holds,
    ranges_of,
    stored_entries,
)
from fenhe_protocol.errors import Deferred, FenheError, Refused
from fenhe_protocol.evidence import encode_history
from fenhe_protocol.fed import Word, read_word
from fenhe_protocol.leaf import EraseLeaf, split_log_name
from fenhe_protocol.leaves import commitments_of
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import EMPTY_ROOT, history_between, root_at
from fenhe_protocol.record import Record, Schemas
from fenhe_protocol.root_document import LogKeys, RootDocument
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.tiles import blocks_between

OpenLog = Callable[[str], Fetcher]
"""Begins a visit to a log of the hub, by its name: `fed`, `fed.2`."""

_BLOCKS_AT_ONCE = 16
TO_ONE = "to"
"""The tier of what is said to one unit alone (feed §10)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How `fed` is read: where it is kept, in which tiers, and of which no line may lack."""

    folder: Path
    tiers: Sequence[str]
    needed: Sequence[str]
    schemas: Schemas
    disk: Disk
    second: SecondLine | None = None


class FedEpoch:
    """One epoch; `newer` are those after it, in which it may be told to erase."""

    def __init__(
        self, hub: RootDocument, log: LogKeys, reading: Reading, newer: Sequence["FedEpoch"]
    ) -> None:
        self.name, self.number = log.name, split_log_name(log.name)[1]
        self.origin, self.keys, self.end = f"{hub.origin}/{log.name}", log.keys, log.end
        self._document, self._reading, self._newer = hub, reading, tuple(newer)
        self._folder = _folder(reading.folder, log.name)
        self.files = epoch_files(reading.folder, log.name, reading.disk)
        self._blocks = BlockReader(
            self.files, reading.schemas, origin=self.origin, unit=hub.unit, tiers=reading.tiers
        )
        self.verified = load_head(self.files, self.origin).size

    @property
    def size(self) -> int:
        """How much of it counts: what is verified, and never more than where it ended (§11)."""
        return self.verified if self.end is None else min(self.verified, self.end.size)

    @property
    def is_whole(self) -> bool:
        """Whether it has ended and all that counts of it is here."""
        end = self.end
        return end is not None and self.size == end.size and self.root_at(end.size) == end.root

    async def read(self, open_log: OpenLog, now: int, told: int | None) -> FenheError | None:
        """Visit it; what the publisher did wrong is returned, what is verified stays.

        `told` is how much of it was told, None for all. Raises Refused `follow.fork` where nothing
        of it can be believed until an operator acts.
        """
        if (error := self._forked()) is not None:
            if self.is_whole:  # the root document says which of two histories it was
                return error
            raise error
        wanted: dict[str, set[int]] = {}
        if told is not None and told < self.size:
            wanted = {tier: {told // BLOCK} for tier in self._reading.tiers}
        report = await self._reader().visit(open_log(self.name), now=now, wanted=wanted)
        # What the hub takes back of its own words is not kept here either (feed §4).
        erase_lines(self.files, report.erasures)
        before, self.verified = self.verified, report.head.size
        if before // BLOCK < self.verified // BLOCK:  # now and then: it looks at every file
            sweep_partials(self.files, self.verified, now)
        self.keep_fork(report.evidence, report.history)
        self._mark(report.above_end)
        return report.error or self._contradiction()

    def _reader(self) -> LogReader:
        spool = SpoolFolder(self._folder / "spool", log=self.name, disk=self._reading.disk)
        end = None if self.end is None else (self.end.size, self.end.root)
        log = LogToRead(
            self.origin,
            self._document.unit,
            self.keys,
            self._reading.tiers,
            end=end,
            erased=self._is_erased_later if self._newer else None,
            second=self._second(),
        )
        return LogReader(log, self.files, spool, self._reading.schemas)

    def _second(self) -> SecondLine | None:
        """What is asked of its heads: an epoch that has ended may be older than the SM2 key."""
        second = self._reading.second
        return replace(second, required=False) if second and self.end else second

    def _forked(self) -> Refused | None:
        fork = self._folder / "fork"
        return Refused("follow.fork", where=str(fork)) if fork.exists() else None

    def _mark(self, served: bytes) -> None:
        """Keep what was signed above the end: the last that was served, and what we verified."""
        notes = {"served": served, "verified": self.note if self.size < self.verified else b""}
        kept = {self._folder / "above-end" / name: raw for name, raw in notes.items() if raw}
        replace_files(self._reading.disk, kept)

    def _contradiction(self) -> Refused | None:
        """The fork that it is to have verified another tree than the one that was ended."""
        end = self.end
        if end is None or self.verified < end.size or self.root_at(end.size) == end.root:
            return None
        where = self.keep_fork((self.note, self._document.text))
        return Refused("follow.fork", where=str(where), expected=end.root.hex())

    @property
    def note(self) -> bytes:
        """The newest verified checkpoint; empty before the first."""
        return self.files.read(CHECKPOINT) or b""

    def root_at(self, size: int) -> bytes:
        """The root of the tree at a size that was verified."""
        return root_at(size, stored_hashes(self.files, self.verified)) if size else EMPTY_ROOT

    def keep_fork(self, notes: Sequence[bytes], history: Sequence[bytes] = ()) -> Path:
        """Keep what proves two histories, if anything does; while it is there, nothing is read.

        `history` is that of `Forked`, kept as `make-evidence` takes it.
        """
        folder = self._folder / "fork"
        files = {folder / str(n): raw for n, raw in enumerate(notes)}
        if history:
            files[folder / "history"] = encode_history(history)
        replace_files(self._reading.disk, files)
        return folder

    def history_from(self, size: int) -> tuple[bytes, ...]:
        """The root that our tree has at this size, and the consistency proof from there on."""
        return history_between(size, self.verified, stored_hashes(self.files, self.verified))

    def erases(self, start: int, end: int) -> bool:
        """Whether any of the leaves [start, end) is an `x`."""
        return any(
            isinstance(leaf, EraseLeaf) and start <= index < end
            for block in blocks_between(start, end)
            for index, leaf in enumerate(
                self._blocks.leaves(block, self.verified).leaves, block * BLOCK
            )
        )

    def words(self, start: int, end: int) -> tuple[int, list[Word]]:
        """Some words of the leaves [start, end), which are verified, and the index after them.

        Raises Deferred `follow.missing` where the next word is not there.
        """
        last = min(end, (start // BLOCK + _BLOCKS_AT_ONCE) * BLOCK)
        words: list[Word] = []
        for block in range(start // BLOCK, -(-last // BLOCK)):
            read = self._blocks.stored(block, self.verified)
            lacking = self._lacking(read, start, last)
            for index in range(max(start, read.start), min(last, read.stop, lacking)):
                words += _words_at(read, index)
            if lacking == start:
                raise Deferred("follow.missing", where=f"{self.origin}#{start}")
            if lacking < last:
                return lacking, words
        return last, words

    def addressed(self, start: int, end: int) -> Iterator[tuple[int, bytes]]:
        """The leaves [start, end) that say something to one unit alone, with its commitment."""
        for block in blocks_between(start, end):
            leaves = self._blocks.leaves(block, self.verified).leaves
            for index, commitment in commitments_of(leaves, TO_ONE, block * BLOCK).items():
                if start <= index < end:
                    yield index, commitment

    def is_erased(self, index: int, tier: str) -> bool:
        """Whether a body of this epoch was erased, here or in a later one."""
        return self._is_erased(index, tier)

    def _lacking(self, read: BlockRead, start: int, end: int) -> int:
        """The lowest index of [start, end) whose words are not here and not erased; else `end`."""
        missing = {tier: i for tier, i in read.missing().items() if tier in self._reading.needed}
        lacking = ((index, tier) for tier, found in missing.items() for index in found)
        kept = (i for i, tier in lacking if start <= i < end and not self._is_erased(i, tier))
        return min(kept, default=end)

    def _is_erased(self, index: int, tier: str) -> bool:
        return self._is_erased_later(index, tier) or any(
            isinstance(leaf, EraseLeaf) and leaf.log is None and leaf.covers(index, tier)
            for block in range(index // BLOCK, -(-self.verified // BLOCK))
            for leaf in self._blocks.leaves(block, self.verified).leaves
        )

    def _is_erased_later(self, index: int, tier: str) -> bool:
        return holds(self._said_later.get(tier, ()), index)

    @cached_property
    def _said_later(self) -> Ranges:
        """What epochs after this erase in it: they are read before it is (feed §2)."""
        return erased_in(self.name, {each.name: each.files for each in self._newer})

    def obey(self, later: Iterable[EraseLeaf]) -> None:
        """Take out what `x` leaves of later epochs erase here."""
        erase_lines(self.files, ranges_of(leaf for leaf in later if leaf.log == self.name))

    def erasures(self, start: int) -> list[EraseLeaf]:
        """The `x` leaves from index `start` on that erase in epochs before this."""
        entries = stored_entries(self.files, start, self.verified) if self.number > 1 else ()
        found = (leaf for at, raw in entries for _, leaf in find_erasures([raw], at, self.name))
        return [leaf for leaf in found if leaf.log is not None]


def epoch_files(folder: Path, name: str, disk: Disk | None = None) -> FolderFiles:
    """Where a follower that keeps `fed` in this folder has the files of one epoch."""
    place = _folder(folder, name)
    return FolderFiles(place / "public", place / "held", log=name, disk=disk)


def _folder(folder: Path, name: str) -> Path:
    return folder if split_log_name(name)[1] == 1 else folder / name


def _words_at(read: BlockRead, index: int) -> Iterator[Word]:
    for judged in read.tiers.values():
        verdict = judged.verdicts.get(index)
        if isinstance(verdict, Record) and (word := read_word(verdict)) is not None:
            yield word
