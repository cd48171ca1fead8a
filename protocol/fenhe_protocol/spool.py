"""Reading a log from a verified head on to a larger signed one (feed §6.3). Start at `Spool`.

`reading` says how a shell drives it. First the entries from the stored size on: their hashes extend
the stored compact range, and if its root is the signed one, append-only and inclusion are proven.
If it is not, the log is asked for the hashes below the stored size as it serves them now: a history
that hashes, with the new entries, to the signed root is a fork; anything else proves nothing and is
refused.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fenhe_protocol.checkpoint import OpenedCheckpoint, parse_checkpoint
from fenhe_protocol.continued import proof_on
from fenhe_protocol.encoding import b64_decode, b64_encode
from fenhe_protocol.errors import Deferred, FenheError, Forked, PublisherError, Refused
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import HASH_BYTES, CompactRange, HashReader, leaf_hashes
from fenhe_protocol.note import parse_note
from fenhe_protocol.reading import LogHead
from fenhe_protocol.strict_json import dumps, loads
from fenhe_protocol.tiles import (
    EntryBundle,
    HashedEntries,
    Tile,
    blocks_between,
    bundles_between,
    decode_bundle,
    decode_tile,
)

KEPT_SECONDS = 24 * 3600

Path = EntryBundle | Tile
Part = tuple[Path, ...]
"""Files of which one is needed: the first that is there."""

Spooled = Callable[[], Iterable[Sequence[bytes]]]
"""All entries given out by `take` since the stored size, in order, in pieces of any length."""


def most_bytes(path: Path, *, max_entry: int = DEFAULTS.leaf_bytes) -> int:
    """The most bytes that a file which a spool needs can have."""
    return path.width * (HASH_BYTES if isinstance(path, Tile) else max_entry + 2)


@dataclass(frozen=True)
class Progress:
    """How far the reading has come towards one checkpoint; kept between visits.

    `base` is the root of the stored head that the spool stands on; `range` covers what is stored
    and what is spooled; `grown_at` is when a file last brought it on. `differs` is the lowest index
    at which the log was seen to serve something else than it did. `older` is None until the root
    did not agree; from then on it covers the hashes below the stored size as they are served now.
    """

    note: bytes
    base: bytes
    range: CompactRange
    grown_at: int
    differs: int | None = None
    older: CompactRange | None = None

    @classmethod
    def start(cls, head: LogHead, opened: OpenedCheckpoint, now: int) -> "Progress":
        """Nothing is read yet."""
        return cls(opened.note.raw, head.root, head.range.copy(), now)

    def fits(self, head: LogHead, now: int) -> bool:
        """Whether to go on: the head is still that one, and 24 h without an entry are not over."""
        return self.base == head.root and now - self.grown_at < KEPT_SECONDS

    def encode(self) -> bytes:
        """As JSON, for the shell to store."""
        members = {
            "note": b64_encode(self.note),
            "base": b64_encode(self.base),
            "range": _members(self.range),
            "grown_at": self.grown_at,
            "differs": self.differs,
            "older": None if self.older is None else _members(self.older),
        }
        return dumps(members)

    @classmethod
    def decode(cls, raw: bytes) -> "Progress":
        """Read what `encode` wrote; ValueError, KeyError or TypeError for anything else."""
        members = loads(raw)
        members["note"] = b64_decode(members["note"])
        members["base"] = b64_decode(members["base"])
        members["range"] = _range(members["range"])
        members["older"] = None if members["older"] is None else _range(members["older"])
        return cls(**members)


def _members(known: CompactRange) -> list[object]:
    return [known.size, *map(b64_encode, known.hashes)]


def _range(members: list[str]) -> CompactRange:
    size, *hashes = members
    return CompactRange(int(size), map(b64_decode, hashes))


class Spool:
    """One visit's share of the way that `progress` has still to go."""

    def __init__(
        self,
        head: LogHead,
        progress: Progress,
        *,
        stored: HashReader,
        spooled: Spooled,
        now: int,
        max_leaves: int = DEFAULTS.visit_leaves,
        max_entry: int = DEFAULTS.leaf_bytes,
    ) -> None:
        self.head = head
        self.target = parse_checkpoint(parse_note(progress.note).text)
        self.done = False
        self.turned = False
        self._stored, self._spooled, self._now = stored, spooled, now
        self._left, self._max_entry = max_leaves, max_entry
        self._dropped = False
        # The ranges grow in place: those of `progress` stay as they were.
        older = None if progress.older is None else progress.older.copy()
        self._progress = replace(progress, range=progress.range.copy(), older=older)

    @property
    def size(self) -> int:
        """How many entries are stored or spooled."""
        return self._progress.range.size

    def needed(self) -> Iterator[Part]:
        """The parts to fetch next, in order, as far as this visit's share goes."""
        left, older = self._left, self._progress.older
        for part, leaves in self._entry_parts() if older is None else self._older_parts(older):
            if (left := left - leaves) < 0:
                return
            yield part

    def _entry_parts(self) -> Iterator[tuple[Part, int]]:
        for bundle in bundles_between(self.size, self.target.size):
            start = max(self.size, bundle.index * BLOCK)
            yield _or_full(bundle), bundle.index * BLOCK + bundle.width - start

    def _older_parts(self, older: CompactRange) -> Iterator[tuple[Part, int]]:
        for block in blocks_between(older.size, self.head.size):
            width = min(BLOCK, self.target.size - block * BLOCK)
            yield (*_or_full(Tile(0, block, width)), *_or_full(EntryBundle(block, width))), width

    def take(self, part: Part, path: Path | None, raw: bytes) -> HashedEntries:
        """Take the file at `path`, one of the part's; return the entries that are new with it.

        Raises Deferred `fetch.absent` where `path` is None, Refused or Forked.
        """
        self.turned = False
        if path is None:
            self._dropped = True
            raise Deferred("fetch.absent", where=part[0].path)
        try:
            new = self._take(part[0], path, raw)
        except PublisherError:
            self._dropped = True
            raise
        self._progress = replace(self._progress, grown_at=self._now)
        return new

    def _take(self, wanted: Path, path: Path, raw: bytes) -> HashedEntries:
        start, older = wanted.index * BLOCK, self._progress.older
        if not start <= (self.size if older is None else older.size) < start + wanted.width:
            raise ValueError(f"{wanted.path} out of order")
        if older is not None:
            self._take_older(older, start, self._hashes(path, raw)[: self.head.size - start])
            return HashedEntries.of([])
        return self._take_entries(start, decode_bundle(raw, path.width, max_entry=self._max_entry))

    def _take_older(self, older: CompactRange, start: int, hashes: Sequence[bytes]) -> None:
        self._compare(start, hashes)
        older.extend(hashes)
        self._left -= len(hashes)
        if older.size == self.head.size:
            self._judge_history(older)

    def _take_entries(self, start: int, entries: Sequence[bytes]) -> HashedEntries:
        known = self.size - start
        self._compare(start, leaf_hashes(entries[:known]))
        new = HashedEntries.of(entries[known : self.target.size - start])
        new.extend(self._progress.range)
        self._left -= len(new.entries)
        if self.size == self.target.size:
            self._judge_root()
        return new

    def _hashes(self, path: Path, raw: bytes) -> list[bytes]:
        if isinstance(path, Tile):
            return decode_tile(raw, path.width)
        return leaf_hashes(decode_bundle(raw, path.width, max_entry=self._max_entry))

    def _compare(self, start: int, hashes: Sequence[bytes]) -> None:
        """Remember the lowest index at which something else is served than is stored."""
        known = self._progress.differs
        for index, served in enumerate(hashes, start):
            if served != self._stored(0, index):
                lowest = index if known is None else min(index, known)
                self._progress = replace(self._progress, differs=lowest)
                return

    def _judge_root(self) -> None:
        self.turned = True
        if self._progress.range.root() == self.target.root:
            # No other history can have this root, so an entry that differs is only a bad file.
            if self._progress.differs is not None:
                raise self._refusal("log.entry-differs")
            self.done = True
        elif self.head.size == 0:
            raise self._refusal("log.root-differs")
        else:
            self._progress = replace(self._progress, older=CompactRange())

    def _judge_history(self, older: CompactRange) -> None:
        whole = older.copy()
        for entries in self._spooled():
            whole.extend(leaf_hashes(entries))
        if whole.size != self.target.size or whole.root() != self.target.root:
            raise self._refusal("log.root-differs")
        raise Forked(
            "log.fork",
            evidence=(self.head.note, self._progress.note),
            history=(older.root(), *self._way(older)),
            where=self._place(),
            expected=self._progress.range.root().hex(),
            found=self.target.root.hex(),
        )

    def _way(self, older: CompactRange) -> list[bytes]:
        return proof_on(older, self.target.size, map(leaf_hashes, self._spooled()))

    def _refusal(self, code: str) -> Refused:
        return Refused(
            code,
            where=self._place(),
            expected=self._progress.range.root().hex(),
            found=self.target.root.hex(),
        )

    def _place(self) -> str:
        index = self._progress.differs
        return f"{self.head.origin} index {self.head.size if index is None else index}"

    def finish(self) -> LogHead:
        """The new head, once `done`: every entry given out is proven."""
        if not self.done:
            raise ValueError(f"{self.head.origin}: {self.size} of {self.target.size} entries")
        known = self._progress.range.copy()
        return LogHead(
            self.head.origin, known.size, self.target.root, known, note=self._progress.note
        )

    def failed(self, error: FenheError) -> None:
        """Note what ended the visit: a file that does not fit drops checkpoint and spool."""
        self._dropped = self._dropped or isinstance(error, PublisherError)

    def kept(self) -> Progress | None:
        """What the next visit goes on from; None if there is nothing to go on with."""
        return None if self.done or self._dropped else self._progress


def _or_full(path: Path) -> Part:
    """A partial file may be gone once the full one is served; then that is cut (feed §1)."""
    return (path,) if path.width == BLOCK else (path, replace(path, width=BLOCK))
