"""The files that a batch of new entries comes to, and the proof that they are on the disk.

`batch_files` says what to write, in the order of feed §9; `check_written` reads each step of it
again, and `proven_root` answers with the root that the disk holds, which is the only one that is
ever signed. Equal bytes have equal hashes: what was read again need not be taken apart once more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from itertools import chain, islice

from fenhe_client.stored.files import FeedFiles, read_bundle, read_tile, stored_hashes
from fenhe_protocol.body import (
    BodyLine,
    Committer,
    decode_salt,
    encode_columns,
    encode_lines,
    read_body_file,
)
from fenhe_protocol.encoding import b64u_encode_all
from fenhe_protocol.entry import Entry, RecordEntries, record_leaves
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import Leaf, RecordLeaf, parse_leaf
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes, root_at
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
    tiles_between,
)

_MAX_ENTRY = DEFAULTS.leaf_bytes
_FILES_AT_ONCE = 1024  # so many are held in memory and flushed together
Steps = Iterator[Mapping[str, bytes]]


def check_entries(entries: Sequence[Entry], start: int, log: str) -> None:
    """ValueError for an entry that readers would refuse or whose bodies are not its tiers."""
    if isinstance(entries, RecordEntries):
        entries = entries[:1]  # the others differ from it in hashes only
    for index, entry in enumerate(entries, start):
        if len(entry.leaf) > _MAX_ENTRY:
            raise ValueError(f"leaf {index} has {len(entry.leaf)} bytes")
        tiers = _tiers(parse_leaf(entry.leaf, index=index, log=log))
        if tiers != entry.bodies.keys():
            raise ValueError(f"leaf {index} commits to {set(tiers)}, not to {set(entry.bodies)}")


def _tiers(leaf: Leaf) -> Set[str]:
    return leaf.commitments.keys() if isinstance(leaf, RecordLeaf) else set()


def batch_files(files: FeedFiles, start: int, entries: Sequence[Entry]) -> Steps:
    """Body files, then entry bundles, then tiles, for entries from index `start` on.

    Each step is to be written before the next is asked for: what is hashed for the tiles are the
    entries as the disk has them.
    """
    bodies = _body_files(files, start, entries)
    first = chain(bodies, _bundles(files, start, _leaves(entries)))
    while step := dict(islice(first, _FILES_AT_ONCE)):
        yield step
    leaves = _stored_leaves(files, start, start + len(entries))
    tiles = build_tiles(start, leaf_hashes(leaves), lambda tile: read_tile(files, tile))
    yield {tile.path: raw for tile, raw in tiles}


def _leaves(entries: Sequence[Entry]) -> Sequence[bytes]:
    if isinstance(entries, RecordEntries):
        return entries.leaves
    return [entry.leaf for entry in entries]


def _body_files(
    files: FeedFiles, start: int, entries: Sequence[Entry]
) -> Iterator[tuple[str, bytes]]:
    for block in blocks_between(start, start + len(entries)):
        first = max(start, block * BLOCK)
        added = entries[first - start : (block + 1) * BLOCK - start]
        for tier, lines in _lines(added, first).items():
            older = signed_lines(files, tier, block, start) if first == start else []
            yield body_path(tier, block), encode_lines(older) + lines


def _lines(entries: Sequence[Entry], first: int) -> dict[str, bytes]:
    """The lines of each tier for entries from index `first` on."""
    if isinstance(entries, RecordEntries):
        indices = range(first, first + len(entries))
        return {
            tier: encode_columns(indices, b64u_encode_all(salts), bodies)
            for tier, (salts, bodies) in entries.columns.items()
        }
    lines: dict[str, list[BodyLine]] = defaultdict(list)
    for index, entry in enumerate(entries, first):
        for tier, (salt, body) in entry.bodies.items():
            lines[tier].append(BodyLine(index, salt, body))
    return {tier: encode_lines(own) for tier, own in lines.items()}


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
    """Take away what a publish left between the signed `size` and `reaching`.

    It was never part of the log: what its body lines say may have been withdrawn since, and its
    bundles and tiles are none of the tree that grows here instead.
    """
    files.remove(_unsigned_parts(files, size, reaching))
    places = [(tier, block) for block in blocks_between(size, reaching) for tier in BODY_TIERS]
    kept = {body_path(*place): signed_lines(files, *place, size) for place in places}
    # Absent files too: a writer that was killed may have left one under its temporary name.
    files.remove(path for path, lines in kept.items() if not lines)
    files.write_all({path: encode_lines(lines) for path, lines in kept.items() if lines})


def _unsigned_parts(files: FeedFiles, size: int, reaching: int) -> Iterator[str]:
    parts: list[EntryBundle | Tile] = [
        *bundles_between(size, reaching),
        *tiles_between(size, reaching),
    ]
    for part in parts:
        level = part.level if isinstance(part, Tile) else 0
        signed = replace(part, width=max((size >> 8 * level) - part.index * BLOCK, 0))
        # Where the signed partial was swept away, the full one stands for it until it is replaced.
        if not signed.width or files.changed_at(signed.path) is not None:
            yield part.path


def check_written(files: FeedFiles, step: Mapping[str, bytes]) -> None:
    """Read again what was just written; StoreError `store.damaged` where it has other bytes."""
    for path, raw in step.items():
        _must(files.read(path) == raw, path)


def proven_root(
    files: FeedFiles, origin: str, start: int, entries: Sequence[Entry], root: bytes
) -> bytes:
    """The root that the disk holds once these entries are written and were read again.

    `root` is the signed one at `start`. Raises StoreError `store.damaged` where bodies are not
    those that their leaves commit to, or what lies below `start` is not what was signed.
    """
    _must(_are_committed(origin, entries, start), "body")
    block, end = start // BLOCK, start + len(entries)
    if start % BLOCK:
        last = min(end, (block + 1) * BLOCK)
        hashed = encode_tile(leaf_hashes(_stored_leaves(files, block * BLOCK, last)))
        tile = Tile(0, block, last - block * BLOCK)
        _must(hashed == read_tile(files, tile), "entries read again")
    # Both roots from the same tiles, so that the one is surely a prefix of the other.
    hashes = stored_hashes(files, end)
    _must(root_at(start, hashes) == root, f"tile/0 below {start}")
    return root_at(end, hashes)


def _stored_leaves(files: FeedFiles, start: int, end: int) -> list[bytes]:
    """The entries [start, end) as the disk has them."""
    entries: list[bytes] = []
    for bundle in bundles_between(start, end):
        entries += read_bundle(files, bundle, max_entry=_MAX_ENTRY)
    return entries[start % BLOCK :]


def _are_committed(origin: str, entries: Sequence[Entry], start: int) -> bool:
    """Whether each leaf commits to the bodies that it is given with."""
    if isinstance(entries, RecordEntries):
        return record_leaves(origin, entries.columns) == entries.leaves
    log = origin.rpartition("/")[2]
    committers = {tier: Committer(origin, tier) for tier in BODY_TIERS}
    for index, entry in enumerate(entries, start):
        leaf = parse_leaf(entry.leaf, index=index, log=log)
        found = {t: committers[t].of(decode_salt(s), body) for t, (s, body) in entry.bodies.items()}
        if found != (leaf.commitments if isinstance(leaf, RecordLeaf) else {}):
            return False
    return True


def _must(fits: bool, place: str) -> None:
    if not fits:
        raise StoreError(
            "store.damaged",
            where=place,
            expected="what was just written",
            advice="检查磁盘; nothing was signed, check the disk",
        )
