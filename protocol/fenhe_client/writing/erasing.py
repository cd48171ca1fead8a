"""Obey the `x` leaves of a stored log: erased lines leave its body files (feed §4).

For whoever keeps a log as plain files: a node its own, a follower the hub's `fed`. Doing it again
changes nothing, so it may be cut off anywhere. A hub's mirror is settled by its ingest instead,
which keeps the index in step. Start at `obey`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle
from fenhe_client.stored.spool_folder import find_erasures
from fenhe_protocol.body import encode_lines, read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.leaf import FED_TIERS, EraseLeaf, merge_ranges
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.note import parse_note
from fenhe_protocol.tiles import bundles_between, parse_path

Range = tuple[int, int]
Ranges = Mapping[str, Sequence[Range]]
"""For each tier the erased indices, half-open, disjoint, ascending."""


def obey(logs: Mapping[str, FeedFiles]) -> int:
    """Take what is erased out of the body files of all epochs of a log; how many lines went.

    `logs` are the files by the log's name (`catalogue`, `catalogue.2`): an epoch may erase in those
    before it.
    """
    return sum(erase_lines(files, erased_in(log, logs)) for log, files in logs.items())


def erased_in(log: str, logs: Mapping[str, FeedFiles]) -> Ranges:
    """What the `x` leaves of all epochs erase in one of them."""
    return ranges_of(
        leaf
        for name, files in logs.items()
        for _, leaf in stored_erasures(files, name)
        if (leaf.log or name) == log
    )


def stored_size(files: FeedFiles) -> int:
    """The size that the stored checkpoint names; 0 where there is none."""
    raw = files.read(CHECKPOINT)
    return parse_checkpoint(parse_note(raw).text).size if raw else 0


def stored_entries(files: FeedFiles, start: int, size: int) -> Iterator[tuple[int, bytes]]:
    """The leaves [start, size) as stored, each with its index."""
    for bundle in bundles_between(start, size):
        entries = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
        for index, raw in enumerate(entries, bundle.index * BLOCK):
            if start <= index < size:
                yield index, raw


def stored_erasures(files: FeedFiles, log: str) -> list[tuple[int, EraseLeaf]]:
    """The `x` leaves of a stored log, each with its index."""
    found: list[tuple[int, EraseLeaf]] = []
    for bundle in bundles_between(0, stored_size(files)):
        entries = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
        found += find_erasures(entries, bundle.index * BLOCK, log)
    return found


def ranges_of(leaves: Iterable[EraseLeaf]) -> dict[str, Sequence[Range]]:
    """What these `x` leaves erase together, whichever log they mean."""
    by_tier: dict[str, list[Range]] = {}
    for leaf in leaves:
        for tier in leaf.tiers or FED_TIERS:
            by_tier.setdefault(tier, []).extend(leaf.ranges)
    return {tier: merge_ranges(ranges) for tier, ranges in by_tier.items()}


def holds(ranges: Sequence[Range], index: int) -> bool:
    """Whether an index lies in one of these ranges, which are disjoint and ascend."""
    place = bisect_right(ranges, index, key=itemgetter(0)) - 1
    return place >= 0 and index < ranges[place][1]


def erase_lines(files: FeedFiles, erased: Ranges) -> int:
    """Take the erased lines, salts and all, out of the body files; how many went."""
    gone = 0
    for tier, ranges in erased.items():
        for path in sorted(files.paths(f"body/{tier}")) if ranges else ():
            gone += _erase_in(files, path, ranges)
    return gone


def _erase_in(files: FeedFiles, path: str, ranges: Sequence[Range]) -> int:
    block = parse_path(path).index
    here = [(a, b) for a, b in ranges if a < (block + 1) * BLOCK and b > block * BLOCK]
    raw = files.read(path) if here else None
    if raw is None:
        return 0
    lines, _ = read_body_file(raw, block)
    kept = [line for line in lines if not any(a <= line.index < b for a, b in here)]
    if len(kept) == len(lines):
        return 0
    if kept:
        files.write_all({path: encode_lines(kept)})
    else:
        # Also what a killed writer left beside it: `remove` takes the temporary file away too.
        files.remove([path])
    return len(lines) - len(kept)
