"""A tree that grows leaf by leaf and gives out its tiles as they fill (tlog-tiles).

All it remembers are the partial tiles at its right edge, which is also all that its root needs.
"""

from collections.abc import Callable, Iterator, Sequence

from fenhe_protocol.limits import BLOCK
from fenhe_protocol.merkle import perfect_root, root_at
from fenhe_protocol.tiles import Tile, decode_tile, edge_tiles, encode_tile, tile_reader


class TileGrowth:
    """The right edge of a tree of `size` leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[list[bytes]] = []

    @classmethod
    def from_tiles(cls, size: int, read: Callable[[Tile], bytes]) -> "TileGrowth":
        """Take up a tree at the edge tiles of its size."""
        growth = cls()
        growth.size = size
        for tile in edge_tiles(size):
            growth._level(tile.level).extend(decode_tile(read(tile), tile.width))
        return growth

    def add(
        self, leaves: Sequence[bytes], root: bytes | None = None
    ) -> Iterator[tuple[Tile, bytes]]:
        """Append leaf hashes; yield every tile that they fill. Exhaust it before going on.

        `root` is over `leaves`, where they are a whole block and somebody hashed it already.
        """
        before, level, new = self.size, 0, list(leaves)
        self.size += len(new)
        while new:
            edge = self._level(level)
            edge.extend(new)
            index, above = (before >> 8 * level) // BLOCK, []
            while len(edge) >= BLOCK:
                full = edge[:BLOCK]
                del edge[:BLOCK]
                yield Tile(level, index), encode_tile(full)
                above.append(root if level == 0 and root else perfect_root(full))
                index += 1
            level, new = level + 1, above

    def partial_tiles(self) -> Iterator[tuple[Tile, bytes]]:
        """The partial tiles at the right edge."""
        for tile in edge_tiles(self.size):
            yield tile, encode_tile(self._edge[tile.level])

    def root(self) -> bytes:
        """The root over all leaves so far."""
        edge = dict(self.partial_tiles())
        return root_at(self.size, tile_reader(self.size, edge.__getitem__))

    def _level(self, level: int) -> list[bytes]:
        while len(self._edge) <= level:
            self._edge.append([])
        return self._edge[level]
