"""The files that a batch of new entries comes to, and the proof that they are on the disk.

`batch_files` says what to write, in the three steps of feed §9; `read_back` reads all of it again
and answers with the root that the disk holds, which is the only root that is ever signed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set

from fenhe_client.stored.files import FeedFiles, read_bundle, read_tile, stored_hashes
from fenhe_protocol.body import (
    BodyLine,
    Committer,
    encode_lines,
    read_body_file,
    read_full_file,
)
from fenhe_protocol.entry import Entry
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import Leaf, LeafForm, RecordLeaf
from fenhe_protocol.leaves import Records, commitments_of, parse_leaves, tiers_of
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
    for at in range(0, len(entries), BLOCK):
        block = entries[at : at + BLOCK]
        raws = [entry.leaf for entry in block]
        if max(map(len, raws)) > _MAX_ENTRY:
            raise ValueError(f"a leaf from {start + at} on has {max(map(len, raws))} bytes")
        leaves = parse_leaves(raws, start + at, log)
        tiers: list[Set[str]]
        if isinstance(leaves, Records):
            tiers = [leaves.columns.keys()] * len(block)
        else:
            tiers = [_tiers(leaf) for leaf in leaves]
        for index, (own, entry) in enumerate(zip(tiers, block, strict=True), start + at):
            if own != entry.bodies.keys():
                raise ValueError(f"leaf {index} commits to {set(own)}, not to {set(entry.bodies)}")


def _tiers(leaf: Leaf | LeafForm) -> Set[str]:
    if isinstance(leaf, LeafForm):
        raise leaf
    return leaf.commitments.keys() if isinstance(leaf, RecordLeaf) else set()


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
    lines: dict[tuple[str, int], list[BodyLine]] = defaultdict(list)
    for index, entry in enumerate(entries, start):
        for tier, (salt, body) in entry.bodies.items():
            lines[tier, index // BLOCK].append(BodyLine(index, salt, body))
    for (tier, block), added in lines.items():
        yield (
            body_path(tier, block),
            encode_lines([*signed_lines(files, tier, block, start), *added]),
        )


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
    files.write_all({path: encode_lines(lines) for path, lines in kept.items() if lines})


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


def _check_bodies(files: FeedFiles, origin: str, start: int, entries: Sequence[bytes]) -> None:
    log, end = origin.rpartition("/")[2], start + len(entries)
    committers = {tier: Committer(origin, tier) for tier in BODY_TIERS}
    for block in blocks_between(start, end):
        first, last = max(start, block * BLOCK), min(end, (block + 1) * BLOCK)
        leaves = parse_leaves(entries[first - start : last - start], first, log)
        for tier in sorted(tiers_of(leaves)):
            commitments = commitments_of(leaves, tier, first)
            raw = files.read(body_path(tier, block)) or b""
            fits = _holds(raw, block, range(first, last), committers[tier], commitments)
            _must(fits, body_path(tier, block))


def _holds(
    raw: bytes, block: int, new: range, committer: Committer, commitments: Mapping[int, bytes]
) -> bool:
    """Whether a body file holds, of the `new` indices, just what is committed to."""
    if len(commitments) == len(new) and (full := read_full_file(raw, new)) is not None:
        return committer.fits(full, [*commitments.values()])
    lines, ended_early = read_body_file(raw, block)
    found = {line.index: committer.of_line(line) for line in lines if line.index in new}
    return not ended_early and found == commitments


def _must(fits: bool, place: str) -> None:
    if not fits:
        raise StoreError(
            "store.damaged",
            where=place,
            expected="what was just written",
            advice="检查磁盘; nothing was signed, check the disk",
        )
