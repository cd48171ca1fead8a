"""The files that a batch of new entries comes to, and the proof that they are on the disk.

`batch_files` says what to write, in the three steps of feed §9; `read_back` reads all of it again
and answers with the root that the disk holds, which is the only root that is ever signed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from fenhe_client.files import FeedFiles, read_bundle, read_tile, stored_hashes
from fenhe_protocol.body import BodyLine, Committer, encode_line, read_body_file
from fenhe_protocol.entry import Entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import RecordLeaf, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes, range_at
from fenhe_protocol.tiles import (
    BODY_TIERS,
    BodyFile,
    EntryBundle,
    Tile,
    blocks_between,
    body_path,
    build_tiles,
    bundles_between,
    encode_bundle,
    encode_tile,
)

_MAX_ENTRY = DEFAULTS.leaf_bytes
Steps = Iterator[Mapping[str, bytes]]


def check_entries(entries: Sequence[Entry], start: int, log: str) -> None:
    """ValueError for an entry that readers would refuse or whose bodies are not its tiers."""
    for index, entry in enumerate(entries, start):
        if len(entry.leaf) > _MAX_ENTRY:
            raise ValueError(f"leaf {index} has {len(entry.leaf)} bytes")
        leaf = parse_leaf(entry.leaf, index=index, log=log)
        tiers = leaf.commitments.keys() if isinstance(leaf, RecordLeaf) else set()
        if tiers != entry.bodies.keys():
            raise ValueError(f"leaf {index} commits to {set(tiers)}, not to {set(entry.bodies)}")


def batch_files(files: FeedFiles, start: int, entries: Sequence[Entry]) -> Steps:
    """Body files, then entry bundles, then tiles, for entries from index `start` on."""
    yield dict(_body_files(files, start, entries))
    leaves = [entry.leaf for entry in entries]
    yield dict(_bundles(files, start, leaves))
    tiles = build_tiles(start, leaf_hashes(leaves), lambda tile: read_tile(files, tile))
    yield {tile.path: raw for tile, raw in tiles}


def _body_files(
    files: FeedFiles, start: int, entries: Sequence[Entry]
) -> Iterator[tuple[str, bytes]]:
    lines: dict[tuple[str, int], list[bytes]] = defaultdict(list)
    for index, entry in enumerate(entries, start):
        for tier, (salt, body) in entry.bodies.items():
            lines[tier, index // BLOCK].append(encode_line(BodyLine(index, salt, body)))
    for (tier, block), added in lines.items():
        kept = map(encode_line, signed_lines(files, tier, block, start))
        yield body_path(tier, block), b"".join([*kept, *added])


def signed_lines(files: FeedFiles, tier: str, block: int, size: int) -> list[BodyLine]:
    """The stored lines of a block below `size`; StoreError `store.damaged` for a bad file."""
    path = BodyFile(tier, block).path
    if (raw := files.read(path)) is None:
        return []
    lines, ended_early = read_body_file(raw, block)
    if ended_early:
        raise StoreError("store.damaged", where=path, found="a line that is not of the form")
    return [line for line in lines if line.index < size]


def _bundles(files: FeedFiles, start: int, leaves: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    block, width = divmod(start, BLOCK)
    old = read_bundle(files, EntryBundle(block, width), max_entry=_MAX_ENTRY) if width else []
    together, first = [*old, *leaves], start - width
    for bundle in bundles_between(start, start + len(leaves)):
        at = bundle.index * BLOCK - first
        yield bundle.path, encode_bundle(together[at : at + bundle.width])


def drop_unsigned(files: FeedFiles, size: int, reaching: int) -> None:
    """Take away the body lines that a publish left between the signed `size` and `reaching`.

    They were never part of the log, and what they say may have been withdrawn since.
    """
    places = [(tier, block) for block in blocks_between(size, reaching) for tier in BODY_TIERS]
    kept = {body_path(*place): signed_lines(files, *place, size) for place in places}
    # Absent files too: a writer that was killed may have left one under its temporary name.
    files.remove(path for path, lines in kept.items() if not lines)
    files.write_all(
        {path: b"".join(map(encode_line, lines)) for path, lines in kept.items() if lines}
    )


def read_back(files: FeedFiles, *, origin: str, start: int, end: int, root: bytes) -> bytes:
    """The root at `end` as the disk has it, once all that was written is found to fit.

    `root` is the signed one at `start`. Raises StoreError `store.damaged`.
    """
    entries: list[bytes] = []
    for bundle in bundles_between(start, end):
        entries += read_bundle(files, bundle, max_entry=_MAX_ENTRY)
    width = start % BLOCK
    older, leaves = entries[:width], entries[width:]
    if width:
        tile = Tile(0, start // BLOCK, width)
        _must(encode_tile(leaf_hashes(older)) == read_tile(files, tile), "entries read again")
    _check_bodies(files, origin, start, leaves)
    hashes = leaf_hashes(leaves)
    for new, raw in build_tiles(start, hashes, lambda tile: read_tile(files, tile)):
        _must(files.read(new.path) == raw, new.path)
    known = range_at(start, stored_hashes(files, start))
    _must(known.root() == root, f"tile/0 below {start}")
    known.extend(hashes)
    return known.root()


def _check_bodies(files: FeedFiles, origin: str, start: int, leaves: Sequence[bytes]) -> None:
    log = origin.rpartition("/")[2]
    expected: dict[tuple[str, int], dict[int, bytes]] = defaultdict(dict)
    for index, raw in enumerate(leaves, start):
        leaf = parse_leaf(raw, index=index, log=log)
        if isinstance(leaf, RecordLeaf):
            for tier, value in leaf.commitments.items():
                expected[tier, index // BLOCK][index] = value
    for (tier, block), commitments in expected.items():
        committer = Committer(origin, tier)
        lines = signed_lines(files, tier, block, start + len(leaves))
        found = {line.index: committer.of_line(line) for line in lines if line.index >= start}
        _must(found == commitments, body_path(tier, block))


def _must(fits: bool, place: str) -> None:
    if not fits:
        raise StoreError(
            "store.damaged",
            where=place,
            expected="what was just written",
            advice="检查磁盘; nothing was signed, check the disk",
        )
