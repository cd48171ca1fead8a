"""The entries of a grown log: fetched into the spool, proven by its root, admitted (feed §6.3).

`fetch_entries` ends with every entry proven or raises; `admit_entries` puts them and the tiles of
our own computing where they are shown.
"""

from collections.abc import Iterator
from contextlib import aclosing

from fenhe_client.fetching.answers import OK
from fenhe_client.fetching.fetch import Fetcher
from fenhe_client.fetching.prefetch import in_order
from fenhe_client.reading.tile_growth import TileGrowth
from fenhe_client.stored.files import FeedFiles, read_tile
from fenhe_client.stored.spool_folder import SpoolFolder, new_entries
from fenhe_protocol.erasures import Erasures, Ranges
from fenhe_protocol.errors import Deferred
from fenhe_protocol.leaf import FED_TIERS
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Part, Path, Spool, most_bytes
from fenhe_protocol.tiles import EntryBundle, decode_bundle, encode_bundle

_FILES_AT_ONCE = 256

Got = tuple[Path | None, bytes]


async def fetch_entries(spool: Spool, folder: SpoolFolder, fetcher: Fetcher) -> None:
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
                    folder.add(part[0], _exactly(part[0], path, raw), new)
                if spool.turned:
                    break
            else:
                raise Deferred("visit.leaves", where=f"{spool.target.origin} {spool.size}")


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
    growth = TileGrowth.from_tiles(head.size, lambda tile: read_tile(files, tile))
    erasures = Erasures(tiers=FED_TIERS)
    chunk: dict[str, bytes] = {}
    for bundle in folder.bundles(head, grown.size, grown.size):
        spooled = folder.read(bundle, head)
        for leaf in folder.erasures(bundle, spooled.new):
            if leaf.log is None:
                erasures.add(leaf)
        chunk[bundle.path] = spooled.raw
        chunk |= {tile.path: raw for tile, raw in growth.add(spooled.new.hashes, spooled.new.root)}
        if len(chunk) >= _FILES_AT_ONCE:
            files.write_all(chunk)
            chunk.clear()
    files.write_all(chunk | {tile.path: raw for tile, raw in growth.partial_tiles()})
    return erasures.ranges
