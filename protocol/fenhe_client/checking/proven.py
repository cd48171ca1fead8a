"""Which leaf hashes the signed root of a stored log vouches for. Start at `survey`, then `prove`.

Every leaf hash lies on the disk twice, as an entry of a bundle and in a tile of level 0. Where both
agree there is nothing to decide; where they do not, the root says which of them was signed, and so
it judges whatever another copy of the log offers. Nothing else is believed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, product

from fenhe_client.stored.files import FeedFiles, read_bundle, read_tile
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import CompactRange, leaf_hashes, perfect_root
from fenhe_protocol.tiles import (
    BLOCK_LEVEL,
    EntryBundle,
    Tile,
    bundles_between,
    decode_tile,
    encode_tile,
)

_MOST_TRIALS = 256
Hashes = list[bytes]
Rest = Callable[[], None]
"""Called after each block, so that whoever reads a large log leaves the disk to others."""


@dataclass(slots=True)
class Survey:
    """What a log's own files say of its leaves.

    `roots` are over the full blocks, `edge` the leaf hashes of the last that is not; in `doubtful`
    stands for each block whose files disagree what its leaf hashes might be, the likeliest first.
    """

    head: Checkpoint
    roots: list[bytes] = field(default_factory=list)
    edge: Hashes = field(default_factory=list)
    doubtful: dict[int, list[Hashes]] = field(default_factory=dict)

    def offer(self, block: int, hashes: Hashes) -> None:
        """Take what another copy of the log says, as the likeliest."""
        if len(hashes) == width_of(self.head.size, block):
            known = self.doubtful.setdefault(block, [])
            known[:] = [hashes, *(each for each in known if each != hashes)]


@dataclass(frozen=True, slots=True)
class Proven:
    """The hashes that give the signed root; `chosen` are those of doubtful blocks."""

    size: int
    roots: Sequence[bytes]
    edge: Hashes
    chosen: Mapping[int, Hashes]
    _above: dict[int, Hashes] = field(default_factory=dict)

    def leaves(self, files: FeedFiles, block: int) -> Hashes:
        """The leaf hashes of a block; StoreError `store.damaged` where its files changed since."""
        width = width_of(self.size, block)
        if block in self.chosen:
            return self.chosen[block]
        if width < BLOCK:
            return self.edge
        for hashes in filter(
            None, (_in_tile(files, block, width), _in_bundle(files, block, width))
        ):
            if perfect_root(hashes) == self.roots[block]:
                return hashes
        raise StoreError("store.damaged", where=EntryBundle(block).path)

    def tile(self, files: FeedFiles, tile: Tile) -> bytes:
        """The bytes of a tile of the tree, of any width that it has had."""
        if tile.level == 0:
            return encode_tile(self.leaves(files, tile.index)[: tile.width])
        start = tile.index * BLOCK
        return encode_tile(self._level(tile.level)[start : start + tile.width])

    def _level(self, level: int) -> Sequence[bytes]:
        if level == 1:
            return self.roots
        if level not in self._above:
            below = self._level(level - 1)
            full = range(0, len(below) - BLOCK + 1, BLOCK)
            self._above[level] = [perfect_root(below[at : at + BLOCK]) for at in full]
        return self._above[level]


def width_of(size: int, block: int) -> int:
    """How many leaves a block of a log of `size` has."""
    return min(BLOCK, size - block * BLOCK)


def survey(files: FeedFiles, head: Checkpoint, rest: Rest) -> Survey:
    """Read every bundle and level-0 tile below the head."""
    found = Survey(head)
    for bundle in bundles_between(0, head.size):
        block, width = bundle.index, bundle.width
        said = [_in_tile(files, block, width), _in_bundle(files, block, width)]
        if said[0] is None or said[0] != said[1]:
            found.doubtful[block] = _likeliest(found, files, block, [each for each in said if each])
        _put(found, block, next((each for each in said if each), []))
        rest()
    return found


def _put(found: Survey, block: int, hashes: Hashes) -> None:
    if width_of(found.head.size, block) < BLOCK:
        found.edge = hashes
    else:
        found.roots.append(perfect_root(hashes) if hashes else b"")


def prove(found: Survey) -> Proven | None:
    """The hashes that give the signed root, None where no choice of what is known does."""
    doubtful = list(found.doubtful)
    for choice in islice(product(*found.doubtful.values()), _MOST_TRIALS):
        chosen = dict(zip(doubtful, choice, strict=True))
        tried = _tried(found, chosen)
        if _root(tried) == found.head.root:
            return tried
    return None


def _tried(found: Survey, chosen: Mapping[int, Hashes]) -> Proven:
    roots, edge = list(found.roots), found.edge
    for block, hashes in chosen.items():
        if block < len(roots):
            roots[block] = perfect_root(hashes)
        else:
            edge = hashes
    return Proven(found.head.size, roots, edge, chosen)


def _root(tried: Proven) -> bytes:
    tree = CompactRange()
    for root in tried.roots:
        tree.append(root, BLOCK_LEVEL)
    tree.extend(tried.edge)
    return tree.root()


def _likeliest(found: Survey, files: FeedFiles, block: int, said: list[Hashes]) -> list[Hashes]:
    """First what the tile above says: two damaged blocks need not be tried with each other then."""
    vote, size = b"", found.head.size
    index, at = divmod(block, BLOCK)
    width = width_of(size // BLOCK, index)
    with suppress(StoreError, Refused):
        vote = (
            decode_tile(read_tile(files, Tile(1, index, width)), width)[at] if at < width else b""
        )
    return sorted(said, key=lambda each: len(each) < BLOCK or perfect_root(each) != vote)


def _in_tile(files: FeedFiles, block: int, width: int) -> Hashes | None:
    try:
        return decode_tile(read_tile(files, Tile(0, block, width)), width)
    except (StoreError, Refused):
        return None


def _in_bundle(files: FeedFiles, block: int, width: int) -> Hashes | None:
    try:
        bundle = EntryBundle(block, width)
        return leaf_hashes(read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes))
    except (StoreError, Refused):
        return None
