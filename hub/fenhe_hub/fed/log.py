"""What the hub says, as its own feed (feed §10): composed, published, read back. Start at `FedLog`.

The words are those of `fenhe_protocol.fed`; which are due is found out in `advice`. The log is read
with the same two functions at start, after each publish and by `rebuild`, so the index knows of
`fed` exactly what stands in its files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fenhe_client.feed_writer import FeedWriter, SignedHead, new_record
from fenhe_client.files import CHECKPOINT, FeedFiles, read_bundle
from fenhe_client.head_store import HeadStore
from fenhe_hub.hub import Hub
from fenhe_hub.index.said import Saying
from fenhe_protocol.body import read_body_file
from fenhe_protocol.checkpoint import Checkpoint, parse_checkpoint
from fenhe_protocol.entry import Entry, plain_entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.fed import Word, compose_word, tier_of
from fenhe_protocol.leaf import HeartbeatLeaf, parse_leaf
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import EntryBundle, body_path, bundles_between

_READ_TIERS = ("pub", "hub")


@dataclass(frozen=True, slots=True)
class FedBlock:
    """What one block of `fed` says: its bodies in order, and its heartbeats (index, t)."""

    sayings: tuple[Saying, ...]
    beats: tuple[tuple[int, int], ...]


class FedLog:
    """Writes and reads the hub's own log; the caller holds the lock of `fed`."""

    def __init__(self, hub: Hub, files: FeedFiles, heads: HeadStore) -> None:
        self._hub, self._files, self._heads = hub, files, heads
        self._writer = FeedWriter(hub.fed_origin, files, heads)

    def recover(self, now: int) -> SignedHead:
        """Finish or forget what a killed publish left.

        StoreError `head.lost` where it is not known here what was signed: something was restored.
        """
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

    def head(self) -> Checkpoint:
        """The head that stands in the files."""
        return _shown(self._files) or Checkpoint(self._hub.fed_origin, 0, b"")

    def blocks(self, start: int, end: int) -> Iterator[FedBlock]:
        """What the leaves [start, end) say, a block at a time."""
        for bundle in bundles_between(start, end):
            yield self._block(bundle, start)

    def _block(self, bundle: EntryBundle, start: int) -> FedBlock:
        beats: list[tuple[int, int]] = []
        leaves = read_bundle(self._files, bundle, max_entry=DEFAULTS.leaf_bytes)
        for index, raw in enumerate(leaves, bundle.index * 256):
            leaf = parse_leaf(raw, index=index, log="fed")
            if index >= start and isinstance(leaf, HeartbeatLeaf):
                beats.append((index, leaf.time))
        end = bundle.index * 256 + bundle.width
        sayings = [each for tier in _READ_TIERS for each in self._sayings(tier, bundle.index)]
        kept = sorted((s for s in sayings if start <= s.index < end), key=lambda s: s.index)
        return FedBlock(tuple(kept), tuple(beats))

    def _sayings(self, tier: str, block: int) -> Iterator[Saying]:
        raw = self._files.read(body_path(tier, block)) or b""
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
