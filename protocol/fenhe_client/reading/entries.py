"""The entries of a grown log: fetched into the spool, proven by its root, admitted (feed §6.3).

`fetch_entries` ends with every entry proven or raises, and makes the tiles that they fill as they
come; `admit_entries` puts both where they are shown.
"""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.fetching.prefetch import in_order
from fenhe_client.reading.tile_growth import TileGrowth
from fenhe_client.stored.files import FeedFiles, read_tile
from fenhe_client.stored.spool_folder import SpoolFolder, new_entries
from fenhe_protocol.erasures import Erasures, Ranges
from fenhe_protocol.errors import Deferred, StoreError
from fenhe_protocol.leaf import FED_TIERS
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Part, Path, Progress, Spool, most_bytes
from fenhe_protocol.tiles import EntryBundle, HashedEntries, Tile, decode_bundle, encode_bundle

Got = tuple[Path | None, bytes]


class Arriving:
    """What comes of a log on its way into the spool, with the tiles that it fills."""

    def __init__(self, files: FeedFiles, folder: SpoolFolder, spool: Spool) -> None:
        self._folder, self._target = folder, spool.target
        edge = iter(folder.edge)  # of what was spooled before; the stored tree has its own

        def read(tile: Tile) -> bytes:
            return read_tile(files, tile) if spool.size == spool.head.size else next(edge)

        self._growth = TileGrowth.from_tiles(spool.size, read)

    async def add(self, bundle: EntryBundle, raw: bytes, new: HashedEntries) -> None:
        """Take in the next bundle and its new entries."""
        self._folder.add(bundle, raw, new)
        for tile, hashes in self._growth.add(new.hashes, new.root):
            self._folder.add_tile(tile, hashes)
        if self._folder.is_full:
            await asyncio.to_thread(self._folder.write)

    def finish(self) -> None:
        """All have come: the tiles at the right edge are whole too; StoreError `store.damaged`."""
        if self._growth.root() != self._target.root:  # not what came: that was proven
            self._folder.drop()
            raise StoreError("store.damaged", where=self._target.origin)
        for tile, hashes in self._growth.partial_tiles():
            self._folder.add_tile(tile, hashes)

    def keep(self, progress: Progress) -> None:
        """Let the next visit go on from here."""
        self._folder.keep(progress, [raw for _, raw in self._growth.partial_tiles()])


async def fetch_entries(spool: Spool, arriving: Arriving, fetcher: Fetcher) -> None:
    """Drive the spool to its end; Deferred (also `visit.leaves`), Refused or Forked."""

    async def first_there(part: Part) -> Got:
        for path in part:
            answer = await fetcher.get(path.path, limit=most_bytes(path))
            if answer.status == OK:
                return path, answer.body
        return None, b""

    while not spool.done:
        fetched = in_order(spool.needed(), first_there, weigh=lambda got: len(got[1]))
        async with aclosing(fetched) as parts:
            async for part, (path, raw) in parts:
                new = spool.take(part, path, raw)
                if path is not None and isinstance(part[0], EntryBundle):
                    await arriving.add(part[0], _exactly(part[0], path, raw), new)
                if spool.turned:
                    break
            else:
                raise Deferred("visit.leaves", where=f"{spool.target.origin} {spool.size}")
    arriving.finish()


def _exactly(wanted: EntryBundle, path: Path, raw: bytes) -> bytes:
    """The bundle as wanted, cut from the full one where that was served."""
    if path.width == wanted.width:
        return raw
    entries = decode_bundle(raw, path.width, max_entry=DEFAULTS.leaf_bytes)
    return encode_bundle(entries[: wanted.width])


def spooled_entries(folder: SpoolFolder, head: LogHead, spool: Spool) -> Iterator[list[bytes]]:
    """All entries given out since the stored size, bundle by bundle."""
    for bundle in folder.bundles(head, spool.target.size, spool.size):
        yield new_entries(bundle, folder.read(bundle, head).raw, head)


def admit_entries(files: FeedFiles, folder: SpoolFolder, head: LogHead, grown: LogHead) -> Ranges:
    """Store entries and tiles durably; return what `x` leaves among them erase in this log."""
    erasures = Erasures(tiers=FED_TIERS)
    for leaf in folder.erasures(head, grown):
        if leaf.log is None:
            erasures.add(leaf)
    folder.hand_over(files, head, grown)
    return erasures.ranges
