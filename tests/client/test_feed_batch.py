"""What a batch comes to, byte by byte, against the definition written out plainly (feed §1–§3)."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.writing.feed_batch import batch_files, check_entries, check_written, proven_root
from fenhe_protocol.body import commitment, encode_salt
from fenhe_protocol.entry import Entry, RecordEntries, plain_entry, record_entries
from fenhe_protocol.errors import StoreError
from fenhe_protocol.leaf import HeartbeatLeaf, RecordLeaf, encode_leaf
from fenhe_protocol.merkle import EMPTY_ROOT
from fenhe_protocol.tiles import body_path, index_path
from tests.client.memory_files import MemoryFiles
from tests.laws import examples

ORIGIN = "u1.example/fenhe/catalogue"
Bodies = Mapping[str, tuple[bytes, bytes]]
"""For each tier salt and body; none for a heartbeat."""
BEAT = plain_entry(HeartbeatLeaf(1795392000))


@examples(25)
@given(
    cuts=st.lists(st.integers(1, 300), min_size=1, max_size=3),
    alike=st.booleans(),
    dice=st.randoms(use_true_random=False),
)
def test_what_is_written_is_what_the_definition_says(
    cuts: list[int], alike: bool, dice: Random
) -> None:
    files, said, root = MemoryFiles(), list[Bodies](), EMPTY_ROOT
    for count in cuts:
        start = len(said)
        said += [_bodies(number, dice, alike=alike) for number in range(start, start + count)]
        root = written(files, start, _entries(said[start:]), root)
        assert root == _tree(_leaves(said))
    assert _without_partials(files) == _plainly(said)


def _bodies(number: int, dice: Random, *, alike: bool) -> Bodies:
    tiers = ["hub", "pub"] if alike else dice.choice([["pub"], ["hub", "nat", "pub"], ["hub"], []])
    return {tier: (dice.randbytes(16), b'{"n":%d}' % number) for tier in tiers}


def _entries(said: Sequence[Bodies]) -> Sequence[Entry]:
    """As a node makes them: records by column where all are alike, else a list with heartbeats."""
    bodies = [{tier: body for tier, (_, body) in each.items()} for each in said if each]
    salts = [each[tier][0] for each in said for tier in sorted(each)]
    records = record_entries(ORIGIN, bodies, salts)
    if len(records) == len(said):
        return records
    left = iter(records)
    return [next(left) if each else BEAT for each in said]


def written(files: MemoryFiles, start: int, entries: Sequence[Entry], root: bytes) -> bytes:
    """Do as the writer does; the root that would be signed."""
    check_entries(entries, start, "catalogue")
    for step in batch_files(files, start, entries):
        files.write_all(step)
        check_written(files, step)
    return proven_root(files, ORIGIN, start, entries, root)


def _plainly(said: Sequence[Bodies]) -> dict[str, bytes]:
    """All files but former partial ones, each from its definition."""
    found: dict[str, bytes] = {}
    leaves = _leaves(said)
    for index, bodies in enumerate(said):
        for tier, (salt, body) in bodies.items():
            path = body_path(tier, index // 256)
            line = b"%d %b %b\n" % (index, encode_salt(salt).encode(), body)
            found[path] = found.get(path, b"") + line
    bundled = [len(leaf).to_bytes(2) + leaf for leaf in leaves]
    found |= _tiles("tile/entries", bundled)
    level, hashes = 0, [sha256(b"\0" + leaf).digest() for leaf in leaves]
    while hashes:
        found |= _tiles(f"tile/{level}", hashes)
        full = range(0, len(hashes) - 255, 256)
        hashes, level = [_over(hashes[at : at + 256]) for at in full], level + 1
    return found


def _leaves(said: Sequence[Bodies]) -> list[bytes]:
    hashed = [{t: commitment(ORIGIN, t, *salted) for t, salted in each.items()} for each in said]
    return [encode_leaf(RecordLeaf(each)) if each else BEAT.leaf for each in hashed]


def _tiles(folder: str, parts: Sequence[bytes]) -> dict[str, bytes]:
    tiles = [parts[at : at + 256] for at in range(0, len(parts), 256)]
    widths = ["" if len(tile) == 256 else f".p/{len(tile)}" for tile in tiles]
    names = [f"{folder}/{index_path(n)}{width}" for n, width in enumerate(widths)]
    return {name: b"".join(tile) for name, tile in zip(names, tiles, strict=True)}


def _tree(leaves: Sequence[bytes]) -> bytes:
    return _over([sha256(b"\0" + leaf).digest() for leaf in leaves])


def _over(hashes: Sequence[bytes]) -> bytes:
    """The tree over leaf hashes as RFC 6962 defines it."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + _over(hashes[:middle]) + _over(hashes[middle:])).digest()


def _without_partials(files: MemoryFiles) -> dict[str, bytes]:
    newest = {path.partition(".p/")[0]: path for path in files.files}  # insertion: the last stands
    return {path: files.files[path] for path in newest.values()}


class Forgetful(MemoryFiles):
    """A disk that has other bytes than were written to one file."""

    def __init__(self, spoilt: str) -> None:
        super().__init__()
        self._spoilt = spoilt

    def read(self, path: str) -> bytes | None:
        raw = super().read(path)
        return raw[:-1] + b"?" if raw and path == self._spoilt else raw


@pytest.mark.parametrize("path", ["body/pub/000", "tile/entries/001.p/44", "tile/0/000"])
def test_a_file_that_is_not_what_was_written_is_found(path: str) -> None:
    records = _entries([{"pub": (bytes([n % 256]) * 16, b"{}")} for n in range(300)])
    with pytest.raises(StoreError) as caught:
        written(Forgetful(path), 0, records, EMPTY_ROOT)
    assert (caught.value.code, caught.value.where) == ("store.damaged", path)


@pytest.mark.parametrize("by_column", [True, False])
def test_a_body_that_its_leaf_does_not_commit_to_is_found(by_column: bool) -> None:
    records = record_entries(ORIGIN, [{"pub": b"1"}, {"pub": b"2"}], [bytes(16)] * 2)
    assert isinstance(records, RecordEntries)
    wrong = RecordEntries(records.leaves[::-1], records.columns)
    with pytest.raises(StoreError):
        written(MemoryFiles(), 0, wrong if by_column else list(wrong), EMPTY_ROOT)


class Flickering(MemoryFiles):
    """A disk that has other bytes in one file when it is next read, and never again."""

    flickers = ""

    def read(self, path: str) -> bytes | None:
        raw = super().read(path)
        if raw is None or path != self.flickers:
            return raw
        self.flickers = ""
        return bytes([raw[0] ^ 1]) + raw[1:]


@pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1"])
def test_no_head_is_signed_of_which_the_one_before_is_no_prefix(path: str) -> None:
    records = _entries([{"pub": (bytes([n % 256]) * 16, b"{}")} for n in range(600)])
    files = Flickering()
    root = written(files, 0, records[:300], EMPTY_ROOT)
    files.flickers = path
    with pytest.raises(StoreError) as caught:
        written(files, 300, records[300:], root)
    assert caught.value.code == "store.damaged"
