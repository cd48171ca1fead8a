"""One stored log compared, file by file, with its signed head. Start at `examine`.

Looked at are all bundles and tiles below the head, partial ones too, and every body line. What
lies above the head a publish or a visit left, and it counts for nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fenhe_client.checking.proven import Proven, Rest, prove, survey, width_of
from fenhe_client.stored.files import FeedFiles, read_bundle
from fenhe_protocol.block import Erased
from fenhe_protocol.body import BodyLine, Committer, read_body_file
from fenhe_protocol.checkpoint import Checkpoint
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaves import commitments_of, parse_leaves, tiers_of
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import leaf_hashes
from fenhe_protocol.tiles import (
    BodyFile,
    EntryBundle,
    FeedPath,
    Tile,
    body_path,
    bundles_between,
    decode_bundle,
    parse_path,
    tiles_between,
)

TREE = "tile"
"""Stands for a log's whole tree, where nothing here gives the signed root."""


def _nothing(index: int, tier: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class StoredLog:
    """A log as it lies in `files`, under a head that was verified.

    `erased` bodies must be gone, `excused` ones may be: never had, or let go (feed §3).
    """

    files: FeedFiles
    head: Checkpoint
    tiers: tuple[str, ...]
    erased: Erased = _nothing
    excused: Erased = _nothing

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return self.head.origin

    @property
    def name(self) -> str:
        """`catalogue`, `usage.2`."""
        return self.origin.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class BodyState:
    """The lines of one body file: those that are committed to, and the indices of those lacking.

    `odd`: below the head something else stands there as well.
    """

    wanted: Mapping[int, bytes]
    lines: list[BodyLine]
    lacking: list[int]
    odd: bool

    @property
    def is_sound(self) -> bool:
        """Whether the file is what the leaves commit to."""
        return not self.lacking and not self.odd


@dataclass(frozen=True, slots=True)
class Examined:
    """What is wrong with a log, by path; `proven` is None where its files do not give its root."""

    proven: Proven | None
    paths: tuple[str, ...] = ()


def examine(log: StoredLog, rest: Rest = lambda: None) -> Examined:
    """Read the whole log once."""
    tree = examine_tree(log, rest)
    if tree.proven is None:
        return tree
    return Examined(tree.proven, (*tree.paths, *damaged_bodies(log, tree.proven, rest)))


def examine_tree(log: StoredLog, rest: Rest = lambda: None) -> Examined:
    """Read its bundles and tiles."""
    proven = prove(survey(log.files, log.head, rest))
    return Examined(proven, tuple(damaged_tree(log, proven, rest)) if proven else (TREE,))


def damaged_tree(log: StoredLog, proven: Proven, rest: Rest) -> list[str]:
    """The bundles and tiles that are not of the proven tree, or not there."""
    there, size = set(_stored(log)), log.head.size
    parts: list[Tile | EntryBundle] = [*bundles_between(0, size), *tiles_between(0, size)]
    lacking = [each.path for each in parts if not there & {each.path, _full(each).path}]
    return lacking + [path for path in sorted(there) if _is_damaged(log, proven, path, rest)]


def _stored(log: StoredLog) -> Iterator[str]:
    levels = range(-(-log.head.size.bit_length() // 8))
    for folder in ("tile/entries", *(f"tile/{level}" for level in levels)):
        yield from log.files.paths(folder)


def _full(part: Tile | EntryBundle) -> Tile | EntryBundle:
    return (
        EntryBundle(part.index) if isinstance(part, EntryBundle) else Tile(part.level, part.index)
    )


def _is_damaged(log: StoredLog, proven: Proven, path: str, rest: Rest) -> bool:
    rest()
    part = parse_path(path)
    if is_beyond(part, log.head.size) or (raw := log.files.read(path)) is None:
        return False  # or swept away meanwhile
    if isinstance(part, Tile):
        return raw != proven.tile(log.files, part)
    try:
        entries = decode_bundle(raw, _width(part), max_entry=DEFAULTS.leaf_bytes)
    except Refused:
        return True
    return leaf_hashes(entries) != proven.leaves(log.files, part.index)[: len(entries)]


def is_beyond(part: FeedPath, size: int) -> bool:
    """Whether some of a tile or bundle lies above the head."""
    if isinstance(part, BodyFile):
        return False
    level = part.level if isinstance(part, Tile) else 0
    return part.index * BLOCK + part.width > size >> 8 * level


def _width(part: FeedPath) -> int:
    return BLOCK if isinstance(part, BodyFile) else part.width


def damaged_bodies(log: StoredLog, proven: Proven, rest: Rest) -> list[str]:
    """The body files that lack a line, or hold another."""
    found: list[str] = []
    for bundle in bundles_between(0, log.head.size):
        rest()
        try:
            entries = read_bundle(log.files, bundle, max_entry=DEFAULTS.leaf_bytes)
        except (StoreError, Refused):
            continue  # told already; its bodies are looked at once it is mended
        if leaf_hashes(entries) == proven.leaves(log.files, bundle.index):
            found += _damaged_in(log, bundle.index, entries)
    return found


def _damaged_in(log: StoredLog, block: int, entries: list[bytes]) -> list[str]:
    committed = tiers_of(parse_leaves(entries, block * BLOCK, log.name))
    there = {tier for tier in log.tiers if log.files.changed_at(body_path(tier, block)) is not None}
    return [
        body_path(tier, block)
        for tier in sorted({*there, *(committed & {*log.tiers})})
        if not body_state(log, tier, block, entries).is_sound
    ]


def body_state(log: StoredLog, tier: str, block: int, entries: list[bytes]) -> BodyState:
    """How the lines of a tier of a block, whose proven entries these are, stand."""
    start = block * BLOCK
    committed = commitments_of(parse_leaves(entries, start, log.name), tier, start)
    wanted = {i: each for i, each in committed.items() if not log.erased(i, tier)}
    raw = log.files.read(body_path(tier, block)) or b""
    lines, ended_early = read_body_file(raw, block)
    end = start + width_of(log.head.size, block)
    below = [line for line in lines if line.index < end]
    fitting = Committer(log.origin, tier).fitting(below, wanted)
    held = {line.index for line in fitting}
    gone = sum(1 for line in below if line.index in committed and line.index not in wanted)
    return BodyState(
        wanted,
        fitting,
        [i for i in wanted if i not in held and not log.excused(i, tier)],
        odd=ended_early or len(below) > len(fitting) + gone,
    )
