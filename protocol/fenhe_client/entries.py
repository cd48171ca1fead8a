"""The entries of a grown log: fetched into the spool, proven by its root, admitted (feed §6.3).

`fetch_entries` ends with every entry proven or raises; `admit_entries` puts them and the tiles of
our own computing where they are shown.
"""

from collections.abc import Iterator, Sequence
from contextlib import aclosing

from fenhe_client.answers import OK
from fenhe_client.fetch import Fetcher
from fenhe_client.files import FeedFiles, read_tile
from fenhe_client.prefetch import in_order
from fenhe_client.spool_folder import SpoolFolder
from fenhe_client.tile_growth import TileGrowth
from fenhe_protocol.errors import Deferred
from fenhe_protocol.leaf import EraseLeaf, LeafForm, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes
from fenhe_protocol.reading import LogHead
from fenhe_protocol.spool import Part, Path, Spool, most_bytes
from fenhe_protocol.tiles import EntryBundle, decode_bundle, encode_bundle

_BLOCKS_AT_ONCE = 32
# The end of a record as everyone writes it. Whatever it is, it is no `x`: one brace closes, so `k`
# is the outermost object's, and a second `k` would not be strict JSON.
_RECORD_END = b'},"k":"r","v":1}'

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
                spool.take(part, path, raw)
                if path is not None and isinstance(part[0], EntryBundle):
                    folder.add(part[0], _exactly(part[0], path, raw))
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
        yield folder.read(bundle)[_known(bundle, head) :]


def _known(bundle: EntryBundle, head: LogHead) -> int:
    """How many entries of the bundle are stored already."""
    return max(0, head.size - bundle.index * BLOCK)


def admit_entries(
    files: FeedFiles, folder: SpoolFolder, head: LogHead, grown: LogHead
) -> list[tuple[int, EraseLeaf]]:
    """Store entries and tiles durably; return the `x` leaves among them with their indices."""
    growth = TileGrowth.from_tiles(head.size, lambda tile: read_tile(files, tile))
    erasures: list[tuple[int, EraseLeaf]] = []
    chunk: dict[str, bytes] = {}
    for bundle in folder.bundles(head, grown.size, grown.size):
        entries = folder.read(bundle)
        new = entries[_known(bundle, head) :]
        erasures += _erasures(new, growth.size, grown.origin)
        chunk[bundle.path] = encode_bundle(entries)
        chunk |= {tile.path: raw for tile, raw in growth.add(leaf_hashes(new))}
        if len(chunk) >= 2 * _BLOCKS_AT_ONCE:
            files.write_all(chunk)
            chunk.clear()
    files.write_all(chunk | {tile.path: raw for tile, raw in growth.partial_tiles()})
    return erasures


def _erasures(entries: Sequence[bytes], start: int, origin: str) -> Iterator[tuple[int, EraseLeaf]]:
    log = origin.rpartition("/")[2]
    for index, raw in enumerate(entries, start):
        if raw.endswith(_RECORD_END):
            continue
        try:
            leaf = parse_leaf(raw, index=index, log=log)
        except LeafForm:
            continue
        if isinstance(leaf, EraseLeaf):
            yield index, leaf
