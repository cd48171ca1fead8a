"""Tiles that fill as a tree grows, against the tiles built in one go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fenhe_client.reading.proven_tree import ProvenTree
from fenhe_client.reading.tile_growth import TileGrowth
from fenhe_protocol.errors import Refused
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import CompactRange, leaf_hashes
from fenhe_protocol.tiles import Tile, build_tiles
from tests.laws import examples

LEAVES = leaf_hashes(b"%d" % number for number in range(70_000))


def tiles_at(size: int) -> dict[Tile, bytes]:
    return dict(build_tiles(0, LEAVES[:size], lambda tile: b""))


def root_at(size: int) -> bytes:
    tree = CompactRange()
    tree.extend(LEAVES[:size])
    return tree.root()


@examples(30)
@given(st.lists(st.integers(0, 900), max_size=8))
def test_however_it_is_cut_a_tree_has_the_same_tiles_and_root(cuts: list[int]) -> None:
    growth = TileGrowth()
    grown: dict[Tile, bytes] = {}
    for count in cuts:
        grown.update(growth.add(LEAVES[growth.size : growth.size + count]))
    grown.update(growth.partial_tiles())
    assert grown == tiles_at(sum(cuts))
    assert growth.root() == root_at(sum(cuts))


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_a_tree_is_taken_up_at_its_edge(size: int) -> None:
    growth = TileGrowth.from_tiles(size - 1, tiles_at(size - 1).__getitem__)
    dict(growth.add(LEAVES[size - 1 : size]))
    assert growth.root() == root_at(size)


@pytest.mark.parametrize("size", [1, 256, 300, 65_536, 70_000])
async def test_every_block_is_proven_by_the_root(size: int) -> None:
    tiles = tiles_at(size)

    async def read(tile: Tile) -> bytes:
        return tiles[tile]

    tree = ProvenTree(size, root_at(size), read)
    for start in range(0, size, BLOCK):
        await tree.check_block(start // BLOCK, LEAVES[start : min(start + BLOCK, size)])


@pytest.mark.parametrize("level", [0, 1, 2])
async def test_a_flipped_bit_in_any_tile_on_the_way_is_refused(level: int) -> None:
    tiles = tiles_at(70_000)
    touched = []

    async def read(tile: Tile) -> bytes:
        raw = bytearray(tiles[tile])
        if tile.level == level:
            touched.append(tile)
            raw[len(raw) // 2] ^= 1
        return bytes(raw)

    tree = ProvenTree(70_000, root_at(70_000), read)
    with pytest.raises(Refused):
        await tree.check_block(3, LEAVES[3 * BLOCK : 4 * BLOCK])
    assert touched


async def test_another_block_is_refused() -> None:
    tiles = tiles_at(70_000)

    async def read(tile: Tile) -> bytes:
        return tiles[tile]

    tree = ProvenTree(70_000, root_at(70_000), read)
    with pytest.raises(Refused) as caught:
        await tree.check_block(4, LEAVES[3 * BLOCK : 4 * BLOCK])
    assert caught.value.code == "tree.block"
    with pytest.raises(Refused):
        await tree.check_block(273, LEAVES[273 * BLOCK : 70_000 - 1])
