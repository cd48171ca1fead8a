"""Where a log's tiles, entry bundles and body files lie, and what is in them (tlog-tiles, feed §1).

Paths are relative to the log's prefix. A writer asks `tiles_between` and `bundles_between` what to
write, and `build_tiles` for the bytes; a reader cuts bundles with `decode_bundle`; whoever stores
tiles turns them into a `HashReader` with `tile_reader`. Sizes may be claims of a stranger: what
grows with a size is an iterator and never a list.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fenhe_protocol.errors import Refused
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import HASH_BYTES, CompactRange, HashReader, leaf_hashes, perfect_root

TILE_LEVELS = 64
BODY_TIERS = ("hub", "nat", "pub", "to")
BLOCK_LEVEL = 8  # a block has 2^8 leaves

_INDEX = r"(?:x[0-9]{3}/)*[0-9]{3}"
_WIDTH = r"(?:\.p/([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]))?"
_TILE = re.compile(rf"tile/(0|[1-9][0-9]?)/({_INDEX}){_WIDTH}")
_BUNDLE = re.compile(rf"tile/entries/({_INDEX}){_WIDTH}")
_BODY = re.compile(rf"body/({'|'.join(BODY_TIERS)})/({_INDEX})")


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of tile level `level`, from hash `index * 256` on."""

    level: int
    index: int
    width: int = BLOCK

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`."""
        return f"tile/{self.level}/{index_path(self.index)}{_partial(self.width)}"


@dataclass(frozen=True, slots=True)
class EntryBundle:
    """`width` entries from index `index * 256` on."""

    index: int
    width: int = BLOCK

    @property
    def path(self) -> str:
        """`tile/entries/<N>[.p/<W>]`."""
        return f"tile/entries/{index_path(self.index)}{_partial(self.width)}"


@dataclass(frozen=True, slots=True)
class BodyFile:
    """The body lines of one tier for block `index`; never partial."""

    tier: str
    index: int

    @property
    def path(self) -> str:
        """`body/<tier>/<N>`."""
        return body_path(self.tier, self.index)


FeedPath = Tile | EntryBundle | BodyFile


@lru_cache(1024)  # a block's is asked for a dozen times
def index_path(index: int) -> str:
    """`<N>`: groups of three digits, all but the last begin with `x` (1234067: x001/x234/067)."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _partial(width: int) -> str:
    return "" if width == BLOCK else f".p/{width}"


def body_path(tier: str, index: int) -> str:
    """`body/<tier>/<N>` of block `index`."""
    return f"body/{tier}/{index_path(index)}"


@lru_cache(1024)  # each is asked for more than once, and logs have the same ones
def parse_path(path: str) -> FeedPath:
    """Read a path as it is written by the classes here, and no other spelling; else ValueError."""
    found = _parse_tile(path) or _parse_bundle(path) or _parse_body(path)
    if found is None or found.path != path:
        raise ValueError(f"no path of a feed: {path!r}")
    return found


def _parse_tile(path: str) -> Tile | None:
    if (match := _TILE.fullmatch(path)) is None or int(match[1]) >= TILE_LEVELS:
        return None
    return Tile(int(match[1]), _parse_index(match[2]), _parse_width(match[3]))


def _parse_bundle(path: str) -> EntryBundle | None:
    if (match := _BUNDLE.fullmatch(path)) is None:
        return None
    return EntryBundle(_parse_index(match[1]), _parse_width(match[2]))


def _parse_body(path: str) -> BodyFile | None:
    if (match := _BODY.fullmatch(path)) is None:
        return None
    return BodyFile(match[1], _parse_index(match[2]))


def _parse_index(text: str) -> int:
    return int(text.replace("x", "").replace("/", ""))


def _parse_width(text: str | None) -> int:
    return BLOCK if text is None else int(text)


def _parts(first: int, count: int) -> Iterator[tuple[int, int]]:
    """(index, width) of the parts of 256 that hold what lies from `first` up to `count`."""
    for index in range(first // BLOCK, -(-count // BLOCK)):
        yield index, min(BLOCK, count - index * BLOCK)


def tiles_between(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles of a tree of `new_size` that one of `old_size` does not have, level by level."""
    for level in range(TILE_LEVELS):
        old, new = old_size >> 8 * level, new_size >> 8 * level
        if old == new:
            return
        for index, width in _parts(old, new):
            yield Tile(level, index, width)


def edge_tiles(size: int) -> list[Tile]:
    """The partial tiles of a tree of `size`, lowest level first."""
    counts = [(level, size >> 8 * level) for level in range(TILE_LEVELS)]
    return [Tile(level, n // BLOCK, n % BLOCK) for level, n in counts if n % BLOCK]


def bundles_between(old_size: int, new_size: int) -> Iterator[EntryBundle]:
    """The entry bundles that hold the entries [old_size, new_size)."""
    if old_size < new_size:
        for index, width in _parts(old_size, new_size):
            yield EntryBundle(index, width)


def blocks_between(start: int, end: int) -> range:
    """The block numbers that the leaves [start, end) lie in."""
    return range(start // BLOCK, -(-end // BLOCK) if start < end else start // BLOCK)


@dataclass(frozen=True, slots=True)
class HashedEntries:
    """Neighbouring entries of one block and their hashes; `root` is over them if they are all."""

    entries: Sequence[bytes]
    hashes: list[bytes]
    root: bytes | None

    @classmethod
    def of(cls, entries: Sequence[bytes]) -> "HashedEntries":
        """Hash them, and once for all who need it the tree above a whole block."""
        hashes = leaf_hashes(entries)
        return cls(entries, hashes, perfect_root(hashes) if len(hashes) == BLOCK else None)

    def extend(self, known: CompactRange) -> None:
        """Add them to the tree that ends where they begin."""
        if self.root is None:
            known.extend(self.hashes)
        else:
            known.append(self.root, BLOCK_LEVEL)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length as a big-endian uint16."""
    if len({*map(len, entries)}) == 1:
        length = len(entries[0]).to_bytes(2)
        return length + length.join(entries)
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2), entry)])


def decode_bundle(raw: bytes, width: int, *, max_entry: int) -> list[bytes]:
    """Exactly `width` entries of at most `max_entry` bytes each, and nothing after them.

    Raises Refused `bundle.short`, `bundle.entry-size` or `bundle.trailing`.
    """
    if (alike := _equally_long(raw, width, max_entry)) is not None:
        return alike
    entries, at = [], 0
    for number in range(width):
        start = at + 2
        at = start + int.from_bytes(raw[at:start])
        if at > len(raw) or start > len(raw):
            raise Refused("bundle.short", expected=f"{width} entries", found=f"{number}")
        if at - start > max_entry:
            raise Refused(
                "bundle.entry-size", expected=f"<= {max_entry} bytes", found=f"{at - start}"
            )
        entries.append(raw[start:at])
    if at != len(raw):
        raise Refused("bundle.trailing", expected=f"{at} bytes", found=f"{len(raw)}")
    return entries


def _equally_long(raw: bytes, width: int, max_entry: int) -> list[bytes] | None:
    """The entries if all have the length of the first, as those of a usage log have."""
    step = 2 + int.from_bytes(raw[:2])
    if len(raw) != width * step or step - 2 > max_entry:
        return None
    if raw[::step] != raw[:1] * width or raw[1::step] != raw[1:2] * width:
        return None
    return [raw[at + 2 : at + step] for at in range(0, len(raw), step)]


def encode_tile(hashes: Sequence[bytes]) -> bytes:
    """The bytes of a tile."""
    return b"".join(hashes)


def decode_tile(raw: bytes, width: int) -> list[bytes]:
    """Exactly `width` hashes; Refused `tile.size`."""
    if len(raw) != width * HASH_BYTES:
        raise Refused("tile.size", expected=f"{width * HASH_BYTES} bytes", found=f"{len(raw)}")
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]


def build_tiles(
    old_size: int, leaves: Sequence[bytes], read: Callable[[Tile], bytes]
) -> Iterator[tuple[Tile, bytes]]:
    """The tiles that come with new leaf hashes on top of a tree of `old_size`, level by level.

    `read` gives the stored partial tiles of the old tree, at most one a level.
    """
    start, new = old_size, list(leaves)
    for level in range(TILE_LEVELS):
        if not new:
            return
        new = _stored_partial(level, start, read) + new
        start -= start % BLOCK
        above = []
        for at in range(0, len(new), BLOCK):
            hashes = new[at : at + BLOCK]
            yield Tile(level, (start + at) // BLOCK, len(hashes)), encode_tile(hashes)
            if len(hashes) == BLOCK:
                above.append(perfect_root(hashes))
        start, new = start // BLOCK, above


def _stored_partial(level: int, count: int, read: Callable[[Tile], bytes]) -> list[bytes]:
    if not (width := count % BLOCK):
        return []
    return decode_tile(read(Tile(level, count // BLOCK, width)), width)


def tile_reader(size: int, read: Callable[[Tile], bytes]) -> HashReader:
    """Answer for perfect subtrees of a tree of `size` from its tiles, each read at most once.

    Keep it for one computation only: it remembers the tiles it has read.
    """
    known: dict[tuple[int, int], list[bytes]] = {}

    def tile(level: int, index: int) -> list[bytes]:
        if (level, index) not in known:
            width = min(BLOCK, (size >> 8 * level) - index * BLOCK)
            known[level, index] = decode_tile(read(Tile(level, index, width)), width)
        return known[level, index]

    def hash_at(level: int, index: int) -> bytes:
        depth = level % 8
        first = index << depth
        hashes = tile(level // 8, first // BLOCK)
        return perfect_root(hashes[first % BLOCK : first % BLOCK + (1 << depth)])

    return hash_at
