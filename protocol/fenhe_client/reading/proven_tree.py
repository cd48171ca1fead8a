"""Tiles that a signed root vouches for: how to read some blocks of a log without reading all.

The right edge of the tree gives the root; every other tile is vouched for by the hash of it that
stands in the tile above. Only what was compared all the way up is believed.
"""

from collections.abc import Awaitable, Callable, Sequence

from fenhe_protocol.errors import Refused
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import perfect_root, root_at
from fenhe_protocol.tiles import Tile, decode_tile, edge_tiles, tile_reader

ReadTile = Callable[[Tile], Awaitable[bytes]]


class ProvenTree:
    """The tree of `size` leaves under a verified `root`; tiles are read and checked on demand."""

    def __init__(self, size: int, root: bytes, read: ReadTile) -> None:
        self._size, self._root, self._read = size, root, read
        self._proven: dict[tuple[int, int], list[bytes]] = {}

    async def check_block(self, block: int, leaves: Sequence[bytes]) -> None:
        """Compare the leaf hashes of one block with the root; Refused `tree.block`."""
        await self._prove_edge()
        if (0, block) in self._proven:
            good = list(leaves) == self._proven[0, block]
        else:
            good = len(leaves) == BLOCK and perfect_root(leaves) == await self._hash_of(0, block)
        if not good:
            raise Refused("tree.block", where=f"block {block}")

    async def _hash_of(self, level: int, index: int) -> bytes:
        """The hash of a full tile, from the proven tile above it."""
        hashes = await self._hashes(level + 1, index // BLOCK)
        return hashes[index % BLOCK]

    async def _hashes(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._proven:
            hashes = decode_tile(await self._read(Tile(level, index)), BLOCK)
            if perfect_root(hashes) != await self._hash_of(level, index):
                raise Refused("tree.tile", where=Tile(level, index).path)
            self._proven[level, index] = hashes
        return self._proven[level, index]

    async def _prove_edge(self) -> None:
        """Read the partial tiles at the right edge: between them they hold all the root needs."""
        if self._proven or not self._size:
            return
        raw = {tile: await self._read(tile) for tile in edge_tiles(self._size)}
        if root_at(self._size, tile_reader(self._size, raw.__getitem__)) != self._root:
            raise Refused("tree.root", expected=self._root.hex())
        for tile, body in raw.items():
            self._proven[tile.level, tile.index] = decode_tile(body, tile.width)
