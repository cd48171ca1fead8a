import base64
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_protocol.errors import Refused
from fenhe_protocol.merkle import (
    CompactRange,
    inclusion_proof,
    leaf_hashes,
    range_at,
    verify_inclusion,
)
from fenhe_protocol.tiles import (
    BodyFile,
    EntryBundle,
    FeedPath,
    Tile,
    blocks_between,
    build_tiles,
    bundles_between,
    decode_bundle,
    decode_tile,
    encode_bundle,
    index_path,
    parse_path,
    tile_reader,
    tiles_between,
)
from tests.laws import examples
from tests.vectors import Case, load_cases

SIZES = st.integers(min_value=0, max_value=2**53 - 1)
WORKED_ENTRIES = [
    b'{"c":{"hub":"vKR2OBcvNy4CG4hzSNqpLzFFR2ho1ECE5pxiff-ZYGs",'
    b'"pub":"abaQQZIsKDnky9qRmippr1cqwKdZinUAOwSfqBaoTOc"},"k":"r","v":1}',
    b'{"k":"h","t":"2026-11-23T08:00:00+08:00","v":1}',
]


def numbered(size: int) -> list[bytes]:
    return [b'{"k":"h","n":%d}' % number for number in range(size)]


class StoredTiles:
    """What a writer has written, as it grows."""

    def __init__(self) -> None:
        self.size = 0
        self.tiles: dict[Tile, bytes] = {}
        self.leaves: list[bytes] = []

    def grow(self, leaves: list[bytes]) -> list[Tile]:
        written = dict(build_tiles(self.size, leaves, self.tiles.__getitem__))
        self.tiles |= written
        self.leaves += leaves
        self.size += len(leaves)
        return list(written)


def test_worked_example_bundle_and_tile() -> None:
    bundle = encode_bundle(WORKED_ENTRIES)
    assert len(bundle) == 176
    digest = "7082001da8ee033b37503209fba3e6217970dae7e6aec7f6bba7a7aef96ed2f0"
    assert sha256(bundle).hexdigest() == digest
    hashes = leaf_hashes(WORKED_ENTRIES)
    assert [each.hex() for each in hashes] == [
        "1f431959737738b708e205e9558e1122a04d87b3533ef3b064bf4232d007a52a",
        "7771c6cbd0c53fe854cfe707c004c29f52662847ef521a0d1137912ae0921f72",
    ]
    known = CompactRange()
    known.extend(hashes)
    root = "aa6a61f5ffe21bf961eae5ce6f7ba593bc98d168bb6f80d968f6a4987ec7633e"
    assert known.root().hex() == root
    assert list(build_tiles(0, hashes, StoredTiles().tiles.__getitem__)) == [
        (Tile(0, 0, 2), b"".join(hashes))
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (Tile(0, 1234, 5), "tile/0/x001/234.p/5"),
        (Tile(63, 0), "tile/63/000"),
        (EntryBundle(0, 2), "tile/entries/000.p/2"),
        (EntryBundle(1234067), "tile/entries/x001/x234/067"),
        (BodyFile("pub", 999), "body/pub/999"),
        (BodyFile("to", 1000), "body/to/x001/000"),
    ],
)
def test_paths_are_written_as_in_tlog_tiles(path: FeedPath, text: str) -> None:
    assert path.path == text
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "checkpoint",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/x000/001",
        "tile/0/001/x234",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p/",
        "tile/0/٠٠٠",
        "tile/entries/../000",
        "tile/0/000\n",
        "body/pub/000.p/5",
        "body/node/000",
        "body/PUB/000",
    ],
)
def test_other_spellings_are_no_paths(text: str) -> None:
    with pytest.raises(ValueError, match="no path of a feed"):
        parse_path(text)


@given(st.integers(0, 2**45), st.integers(1, 256), st.integers(0, 63), st.sampled_from(["pub"]))
def test_every_path_is_read_back(index: int, width: int, level: int, tier: str) -> None:
    for path in (Tile(level, index, width), EntryBundle(index, width), BodyFile(tier, index)):
        assert parse_path(path.path) == path


@given(SIZES)
def test_index_paths_sort_and_read_as_numbers(index: int) -> None:
    parts = index_path(index).split("/")
    assert int("".join(part.lstrip("x") for part in parts)) == index
    assert all(len(part.lstrip("x")) == 3 for part in parts)
    assert [part[0] == "x" for part in parts] == [True] * (len(parts) - 1) + [False]


def test_a_claimed_size_costs_nothing_until_it_is_walked() -> None:
    assert next(bundles_between(8, 2**53 - 1)) == EntryBundle(0)
    assert next(tiles_between(8, 2**53 - 1)) == Tile(0, 0)


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        (0, 0, []),
        (5, 5, []),
        (0, 256, ["tile/0/000", "tile/1/000.p/1"]),
        (255, 257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
        (256, 258, ["tile/0/001.p/2"]),
        (65535, 65536, ["tile/0/255", "tile/1/000", "tile/2/000.p/1"]),
    ],
)
def test_what_a_writer_adds_to_the_tiles(old: int, new: int, paths: list[str]) -> None:
    assert [tile.path for tile in tiles_between(old, new)] == paths


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        (0, 0, []),
        (256, 256, []),
        (0, 2, ["tile/entries/000.p/2"]),
        (250, 512, ["tile/entries/000", "tile/entries/001"]),
        (256, 300, ["tile/entries/001.p/44"]),
    ],
)
def test_which_bundles_hold_the_entries(old: int, new: int, paths: list[str]) -> None:
    assert [bundle.path for bundle in bundles_between(old, new)] == paths
    indices = [bundle.index for bundle in bundles_between(old, new)]
    assert list(blocks_between(old, new)) == indices


@examples(25)
@given(st.lists(st.integers(0, 700), max_size=5))
def test_tiles_built_step_by_step_answer_for_the_whole_tree(steps: list[int]) -> None:
    stored = StoredTiles()
    hashes = leaf_hashes(numbered(sum(steps)))
    for step in steps:
        before = stored.size
        written = stored.grow(hashes[before : before + step])
        assert written == list(tiles_between(before, stored.size))
    for size in {0, stored.size // 2, stored.size}:
        known = CompactRange()
        known.extend(hashes[:size])
        assert range_at(size, tile_reader(stored.size, stored.tiles.__getitem__)) == known


@given(st.lists(st.binary(max_size=70), max_size=256))
def test_bundles_are_read_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries), max_entry=1024) == entries


@pytest.mark.parametrize(
    ("raw", "width", "code"),
    [
        (b"", 1, "bundle.short"),
        (b"\x00", 1, "bundle.short"),
        (b"\x00\x02a", 1, "bundle.short"),
        (b"\x00\x01a", 2, "bundle.short"),
        (b"\x00\x01a\x00", 2, "bundle.short"),
        (b"\x00\x01ab", 1, "bundle.trailing"),
        (b"\x00\x01a\x00\x00", 1, "bundle.trailing"),
        (b"\x04\x01" + b"a" * 1025, 1, "bundle.entry-size"),
    ],
)
def test_bundles_of_another_shape_are_refused(raw: bytes, width: int, code: str) -> None:
    with pytest.raises(Refused) as caught:
        decode_bundle(raw, width, max_entry=1024)
    assert caught.value.code == code


def test_a_foreign_entry_may_have_65535_bytes() -> None:
    entry = b"e" * 65_535
    assert decode_bundle(encode_bundle([entry]), 1, max_entry=65_535) == [entry]


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_tiles_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(Refused) as caught:
        decode_tile(b"t" * length, 2)
    assert caught.value.code == "tile.size"


@pytest.mark.parametrize("case", load_cases("tree"))
def test_tree_vectors(case: Case) -> None:
    given_, expected = case.input, case.expected
    size, entries, stored = given_["size"], numbered(given_["size"]), StoredTiles()
    written = stored.grow(leaf_hashes(entries))
    by_path = {tile.path: sha256(raw).hexdigest() for tile, raw in stored.tiles.items()}
    assert len(written) == expected.get("tile_count", len(written))
    assert expected.get("tiles", {}).items() <= by_path.items()
    if "partial_tiles" in expected:
        assert [path for path in by_path if ".p/" in path] == expected["partial_tiles"]
    for index, width in given_.get("bundles", []):
        bundle = encode_bundle(entries[index * 256 : index * 256 + width])
        path = EntryBundle(index, width).path
        assert sha256(bundle).hexdigest() == expected["bundles"][path]
    if "proof" in given_:
        check_proof(stored, given_["proof"], expected, size)


def check_proof(stored: StoredTiles, index: int, expected: dict[str, Any], size: int) -> None:
    proof = inclusion_proof(index, size, tile_reader(size, stored.tiles.__getitem__))
    root = base64.b64decode(expected["root"])
    assert proof == [base64.b64decode(each) for each in expected["inclusion"]]
    assert verify_inclusion(index, size, stored.leaves[index], proof, root)
