"""Logs written by a FeedWriter, and a check of everything in them that uses none of its code."""

from dataclasses import dataclass
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_client.stored.files import CHECKPOINT, FeedFiles, FolderFiles
from fenhe_client.stored.head_store import HeadStore
from fenhe_client.writing.feed_writer import FeedWriter, new_record
from fenhe_protocol.body import commitment, decode_salt, read_body_file
from fenhe_protocol.checkpoint import Checkpoint, KeyRange, open_checkpoint
from fenhe_protocol.entry import Entry
from fenhe_protocol.keys import SigningKey
from fenhe_protocol.leaf import RecordLeaf, parse_leaf
from fenhe_protocol.merkle import CompactRange, leaf_hashes
from fenhe_protocol.tiles import (
    BODY_TIERS,
    body_path,
    build_tiles,
    bundles_between,
    decode_bundle,
)

ORIGIN = "u1.example/fenhe/catalogue"
KEY = SigningKey.from_seed(bytes(range(32)))
NOW = 1795392065


@dataclass(frozen=True)
class Written:
    """A log in a home folder."""

    home: Path
    files: FolderFiles
    heads: HeadStore
    writer: FeedWriter


def log_in(home: Path, *, disk: Disk | None = None, heads: HeadStore | None = None) -> Written:
    """The catalogue of a home, new or not."""
    files = FolderFiles(home / "public", home / "held", log="catalogue", disk=disk)
    heads = heads or HeadStore(home / "head.sqlite")
    return Written(home, files, heads, FeedWriter(ORIGIN, files, heads))


def records(start: int, count: int) -> list[Entry]:
    """Records with fresh salts: every third in `pub` alone, the others in `hub` too."""
    return [new_record(ORIGIN, bodies(number)) for number in range(start, start + count)]


def bodies(number: int) -> dict[str, bytes]:
    """The bodies of a record."""
    pub = {"pub": b'{"n":%d,"t":"pub"}' % number}
    return pub if number % 3 == 0 else pub | {"hub": b'{"n":%d,"t":"hub"}' % number}


def files_in(home: Path) -> dict[str, bytes]:
    """The content of each of its files."""
    files = (file for tree in ("public", "held") for file in (home / tree).rglob("*"))
    return {str(file.relative_to(home)): file.read_bytes() for file in files if file.is_file()}


def verified(files: FeedFiles) -> Checkpoint:
    """The head that is shown; AssertionError unless every file that it needs fits."""
    raw = files.read(CHECKPOINT)
    assert raw is not None
    head = open_checkpoint(raw, origin=ORIGIN, keys=[KeyRange(KEY.public)]).checkpoint
    entries = entries_of(files, head.size)
    known = CompactRange()
    known.extend(leaf_hashes(entries))
    assert known.root() == head.root
    for tile, data in build_tiles(0, leaf_hashes(entries), lambda tile: b""):
        assert files.read(tile.path) == data, tile.path
    assert lines_of(files, head.size) == expected_lines(entries)
    return head


def entries_of(files: FeedFiles, size: int) -> list[bytes]:
    """All entries below a size."""
    entries: list[bytes] = []
    for bundle in bundles_between(0, size):
        raw = files.read(bundle.path)
        assert raw is not None, bundle.path
        entries += decode_bundle(raw, bundle.width, max_entry=1024)
    return entries


def lines_of(files: FeedFiles, size: int) -> dict[tuple[int, str], bytes]:
    """The commitment of every line that is stored, in blocks beyond the size too."""
    found: dict[tuple[int, str], bytes] = {}
    for tier in BODY_TIERS:
        for block in range(size // 256 + 4):
            lines, ended_early = read_body_file(files.read(body_path(tier, block)) or b"", block)
            assert not ended_early
            for line in lines:
                value = commitment(ORIGIN, tier, decode_salt(line.salt), line.body)
                found[line.index, tier] = value
    return found


def expected_lines(entries: list[bytes]) -> dict[tuple[int, str], bytes]:
    """The commitments of all leaves."""
    leaves = [parse_leaf(raw, index=n, log="catalogue") for n, raw in enumerate(entries)]
    return {
        (index, tier): value
        for index, leaf in enumerate(leaves)
        if isinstance(leaf, RecordLeaf)
        for tier, value in leaf.commitments.items()
    }
