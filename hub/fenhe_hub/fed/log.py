"""What the hub says, as its own feed (feed §10): composed, published, read back. Start at `FedLog`.

The words are those of `fenhe_protocol.fed`; which are due is found out in `advice`. The log is read
with the same two functions at start, after each publish and by `rebuild`, so the index knows of
`fed` exactly what stands in its files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fenhe_client.keys.log_end import check_goes_on
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, SignedHead, new_record
from fenhe_hub.hub import Hub, fed_files
from fenhe_hub.index.said import Saying
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import Word, compose_word, tier_of
from fenhe_protocol.leaf import EraseLeaf, HeartbeatLeaf, parse_leaf, split_log_name
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.position import Position
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import EntryBundle, body_path, bundles_between

_READ_TIERS = ("pub", "hub", "to")
_BEGINNING = Position()


@dataclass(frozen=True, slots=True)
class FedBlock:
    """What one block of `fed` says: its bodies in order, and its heartbeats (index, t).

    `stop` is the place after it.
    """

    stop: Position
    sayings: tuple[Saying, ...]
    beats: tuple[tuple[int, int], ...]


class FedLog:
    """Writes the hub's own log and reads all its epochs; the caller holds the lock of `fed`.

    `files` are those of the epoch in which the hub speaks now.
    """

    def __init__(self, hub: Hub, files: FeedFiles, heads: HeadStore) -> None:
        self._hub, self._files, self._heads = hub, files, heads
        self._writer = FeedWriter(hub.fed_origin, files, heads)

    def recover(self, now: int) -> SignedHead:
        """Finish or forget what a killed publish left.

        StoreError `head.lost` where it is not known here what was signed: something was restored.
        SetupError `epoch.waiting` where the log is about to end.
        """
        check_goes_on(self._hub.fed_name, self._hub.home.root_next, self._hub.root)
        if self._heads.get(self._hub.fed_origin) is None:
            raise StoreError("head.lost", where=self._hub.fed_origin, advice="fenhe-hub restore")
        return self._writer.recover(key=self._hub.keys, now=now)

    def wait(self, now: int) -> int:
        """Seconds until the next publish is allowed."""
        wait = self._writer.seconds_until_allowed(now)
        return min(wait, self._hub.config.publish_seconds)

    def publish(self, words: Sequence[Word], *, beat: bool, now: int) -> SignedHead:
        """Say all this with one signature, a heartbeat first if `beat`."""
        entries: list[Entry] = [plain_entry(HeartbeatLeaf(now))] if beat else []
        for word in words:
            body = compose_word(word, unit=self._hub.uscc)
            entries.append(new_record(self._hub.fed_origin, {tier_of(word): body}))
        return self._writer.publish(entries, key=self._hub.keys, now=now)

    def erase(self, leaves: Sequence[EraseLeaf], now: int) -> SignedHead:
        """Say with one signature what of the words so far is erased."""
        return self._writer.publish(list(map(plain_entry, leaves)), key=self._hub.keys, now=now)

    def head(self) -> Checkpoint:
        """The head that stands in the files."""
        return _shown(self._files) or Checkpoint(self._hub.fed_origin, 0, b"")

    def place(self) -> Position:
        """How much is said in all, through all epochs."""
        return Position(split_log_name(self._hub.fed_name)[1], self.head().size)

    def counted(self, at: Position) -> Position:
        """This place, or where its epoch ended before it."""
        ended = {split_log_name(log.name)[1]: log.end for log in self._hub.fed_epochs}
        end = ended.get(at.epoch)
        return at if end is None else min(at, Position(at.epoch, end.size))

    def blocks(self, start: Position = _BEGINNING) -> Iterator[FedBlock]:
        """What is said from a place on, a block at a time: each epoch up to its end."""
        for log in self._hub.fed_epochs:
            number = split_log_name(log.name)[1]
            if (first := start.within(number)) is None:
                continue
            newest = log.name == self._hub.fed_name
            files = self._files if newest else fed_files(self._hub.home, name=log.name)
            size = self.head().size if newest or log.end is None else log.end.size
            for bundle in bundles_between(first, size):
                yield _block(files, log.name, bundle, first)


def _block(files: FeedFiles, log: str, bundle: EntryBundle, start: int) -> FedBlock:
    beats: list[tuple[int, int]] = []
    leaves = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
    for index, raw in enumerate(leaves, bundle.index * BLOCK):
        leaf = parse_leaf(raw, index=index, log=log)
        if index >= start and isinstance(leaf, HeartbeatLeaf):
            beats.append((index, leaf.time))
    end = bundle.index * BLOCK + bundle.width
    sayings = [each for tier in _READ_TIERS for each in _sayings(files, tier, bundle.index)]
    kept = sorted((s for s in sayings if start <= s.index < end), key=lambda s: s.index)
    return FedBlock(Position(split_log_name(log)[1], end), tuple(kept), tuple(beats))


def _sayings(files: FeedFiles, tier: str, block: int) -> Iterator[Saying]:
    raw = files.read(body_path(tier, block)) or b""
    for line in read_body_file(raw, block)[0]:
        fields = loads(line.body)
        yield Saying(fields["kind"], fields["id"], line.index, tier, line.body.decode())


def shown_size(files: FeedFiles) -> int:
    """The size of the log that stands in these files."""
    head = _shown(files)
    return head.size if head else 0


def _shown(files: FeedFiles) -> Checkpoint | None:
    raw = files.read(CHECKPOINT)
    return None if raw is None else parse_checkpoint(parse_note(raw).text)
