"""Verify a tlog-tiles log of any origin: its checkpoint, every entry and every tile (feed §12).

Nothing is known of what the entries mean. `read_entries` and `TileCheck` serve our own logs too.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial

from fenhe_client.fetching.fetch import Fetcher, required
from fenhe_client.fetching.prefetch import in_order
from fenhe_client.keys.listed_keys import ListedKeys
from fenhe_client.reading.log_files import fetch_bundle, fetch_tile
from fenhe_client.reading.tile_growth import TileGrowth
from fenhe_client.stored.files import CHECKPOINT
from fenhe_protocol.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from fenhe_protocol.errors import Deferred, Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import leaf_hashes
from fenhe_protocol.note import parse_note, signed_by
from fenhe_protocol.second_line import SecondLine
from fenhe_protocol.tiles import EntryBundle, Tile, bundles_between, decode_bundle

_ANOTHER_KEY = (
    "签它的可能是上一把或下一把密钥: 改用 --fingerprint, 由根文档说明哪一把管哪一段; "
    "the key before or after it may have signed this size: verify by --fingerprint instead"
)

Progress = Callable[[int, int], None]
"""(entries read, entries in all)"""


@dataclass(frozen=True, slots=True)
class SignedTree:
    """A verified checkpoint; `root` are 32 bytes."""

    origin: str
    size: int
    root: bytes
    seconded: bool = False  # signed by an SM2 key as well


async def read_signed_tree(
    fetcher: Fetcher, key: VerifierKey | ListedKeys, second: SecondLine | None = None
) -> SignedTree:
    """Fetch `checkpoint` and verify its signature by `key`, whatever origin it names.

    By listed keys it is their log's, and the key that signed must be listed for its size.
    """
    raw = await required(fetcher, CHECKPOINT, limit=DEFAULTS.note_bytes)
    if isinstance(key, ListedKeys):
        opened = open_checkpoint(raw, origin=key.name, keys=key.keys, second=second)
        head = opened.checkpoint
        return SignedTree(head.origin, head.size, head.root, opened.seconded)
    note = parse_note(raw)
    checkpoint: Checkpoint = parse_checkpoint(note.text)
    if not signed_by(note, key):
        raise Refused(
            "checkpoint.unsigned", where=CHECKPOINT, expected=key.text, advice=_ANOTHER_KEY
        )
    seconded = second is not None and second.check(note)
    return SignedTree(checkpoint.origin, checkpoint.size, checkpoint.root, seconded)


async def verify_foreign(fetcher: Fetcher, tree: SignedTree, progress: Progress) -> None:
    """Read every entry and tile below the head; Refused `log.root-differs` or `log.tile`."""
    check = TileCheck(fetcher)
    reading = read_entries(fetcher, tree.size, max_entry=DEFAULTS.entry_bytes)
    async with aclosing(reading) as bundles:
        async for _, entries in bundles:
            await check.add(entries)
            progress(check.size, tree.size)
    await check.finish(tree)


async def read_entries(
    fetcher: Fetcher, size: int, *, max_entry: int
) -> AsyncGenerator[tuple[EntryBundle, list[bytes]], None]:
    """Yield every bundle of a log of `size` with its entries; Deferred where one is absent."""
    fetch = partial(fetch_bundle, fetcher, max_entry=max_entry)
    fetched = in_order(bundles_between(0, size), fetch, weigh=lambda raw: len(raw or b""))
    async with aclosing(fetched) as bundles:
        async for bundle, raw in bundles:
            if raw is None:
                raise Deferred("fetch.absent", where=bundle.path)
            yield bundle, _decode(bundle, raw, max_entry)


def _decode(bundle: EntryBundle, raw: bytes, max_entry: int) -> list[bytes]:
    try:
        return decode_bundle(raw, bundle.width, max_entry=max_entry)
    except Refused as error:
        error.where = bundle.path
        raise


class TileCheck:
    """Grows the tree from entries and compares each tile served with the one it comes to."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._growth = TileGrowth()

    @property
    def size(self) -> int:
        """How many entries have been added."""
        return self._growth.size

    async def add(self, entries: list[bytes]) -> None:
        """Take the next entries; Refused `log.tile` for a full tile that differs."""
        for tile, raw in self._growth.add(leaf_hashes(entries)):
            await self._compare(tile, raw)

    async def finish(self, tree: SignedTree) -> None:
        """Compare root and partial tiles; Refused `log.root-differs` or `log.tile`."""
        if self._growth.size != tree.size or self._growth.root() != tree.root:
            found = self._growth.root().hex()
            raise Refused(
                "log.root-differs", where=tree.origin, expected=tree.root.hex(), found=found
            )
        for tile, raw in self._growth.partial_tiles():
            await self._compare(tile, raw)

    async def _compare(self, tile: Tile, expected: bytes) -> None:
        found = await fetch_tile(self._fetcher, tile)
        if found is None:
            raise Deferred("fetch.absent", where=tile.path)
        if found != expected:
            raise Refused("log.tile", where=tile.path)
