"""The Merkle tree of RFC 6962 with SHA-256: roots, compact ranges, proofs. Start at `CompactRange`.

A tree is never held whole. A reader keeps a `CompactRange` (at most 53 hashes) and appends to it;
whoever has stored tiles answers for any perfect subtree through a `HashReader` (`tiles.tile_reader`
makes one), and roots at former sizes and proofs are computed from that.

Every hash is 32 bytes. Size 0 has the root `EMPTY_ROOT` and no proofs: callers handle it first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

HashReader = Callable[[int, int], bytes]
"""(level, index) -> the hash over the 2^level leaves from `index << level` on."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return sha256(b"\x00" + data).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hashes of many leaves, in order."""
    return [sha256(b"\x00" + data).digest() for data in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two children."""
    return sha256(b"\x01" + left + right).digest()


def pair_hashes(hashes: Sequence[bytes]) -> list[bytes]:
    """The next level above an even number of neighbours, left to right."""
    pairs = iter(hashes)
    return [
        sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)
    ]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 2^k neighbours (k may be 0)."""
    level = hashes
    while len(level) > 1:
        level = pair_hashes(level)
    return level[0]


class CompactRange:
    """The roots of the perfect subtrees that a tree of `size` leaves falls into, largest first."""

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        wrong_length = any(len(each) != HASH_BYTES for each in self._hashes)
        if size < 0 or size.bit_count() != len(self._hashes) or wrong_length:
            raise ValueError(f"{len(self._hashes)} hashes are no compact range of size {size}")

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """One hash for each bit set in `size`, highest bit first."""
        return tuple(self._hashes)

    def append(self, root: bytes, level: int = 0) -> None:
        """Add 2^level leaves by the root over them; the size must be a multiple of that."""
        stack, carry = self._hashes, self.size >> level
        if carry << level != self.size:
            raise ValueError(f"no subtree of level {level} begins at {self.size}")
        while carry & 1:
            root = sha256(b"\x01" + stack.pop() + root).digest()
            carry >>= 1
        stack.append(root)
        self.size += 1 << level

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaves by their hashes: level by level, each pair hashed once."""
        level, carry, odd = list(leaves), self.size, []
        self.size += len(level)
        while level:
            if carry & 1:
                level.insert(0, self._hashes.pop())
            if len(level) & 1:
                odd.append(level.pop())
            level = pair_hashes(level)
            carry >>= 1
        self._hashes.extend(reversed(odd))

    def root(self) -> bytes:
        """The root of the whole tree."""
        return fold_roots(self._hashes) if self._hashes else EMPTY_ROOT

    def copy(self) -> "CompactRange":
        """An independent range of the same state."""
        return CompactRange(self.size, self._hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CompactRange):
            return NotImplemented
        return self.size == other.size and self._hashes == other._hashes

    def __hash__(self) -> int:
        raise TypeError("a compact range changes: it is no key")


def fold_roots(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring perfect subtrees, largest first (at least one)."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def perfect_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the perfect subtrees of [start, end), largest first; `start` is aligned."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def range_at(size: int, hashes: HashReader) -> CompactRange:
    """The compact range that a stored tree had at `size`."""
    return CompactRange(size, [hashes(level, index) for level, index in perfect_subtrees(0, size)])


def root_at(size: int, hashes: HashReader) -> bytes:
    """The root that a stored tree had at `size`."""
    return range_at(size, hashes).root()


def root_between(start: int, end: int, hashes: HashReader) -> bytes:
    """The root over the leaves [start, end) of a stored tree; `start` is aligned."""
    return fold_roots([hashes(level, index) for level, index in perfect_subtrees(start, end)])


def split_point(start: int, end: int) -> int:
    """Where RFC 6962 divides [start, end): after the largest power of two below its length."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def inclusion_proof(index: int, size: int, hashes: HashReader) -> list[bytes]:
    """RFC 6962 §2.1.1: the siblings from the leaf up to the root's child."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of size {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = split_point(start, end)
        if index < middle:
            path.append(root_between(middle, end, hashes))
            end = middle
        else:
            path.append(root_between(start, middle, hashes))
            start = middle
    return path[::-1]


def consistency_proof(size1: int, size2: int, hashes: HashReader) -> list[bytes]:
    """RFC 6962 §2.1.2: that the tree of `size1` is a prefix of the tree of `size2`."""
    if not 0 < size1 <= size2:
        raise ValueError(f"no consistency proof from size {size1} to size {size2}")
    path, start, end = [], 0, size2
    while end != size1:
        middle = split_point(start, end)
        if size1 <= middle:
            path.append(root_between(middle, end, hashes))
            end = middle
        else:
            path.append(root_between(start, middle, hashes))
            start = middle
    if start:
        path.append(root_between(start, end, hashes))
    return path[::-1]


def history_between(size1: int, size2: int, hashes: HashReader) -> tuple[bytes, ...]:
    """The root that the tree of `size2` has at `size1`, and the consistency proof from there."""
    return root_at(size1, hashes), *consistency_proof(size1, size2, hashes)


def trailing_zeros(number: int) -> int:
    """How many bits below the lowest one that is set (-1 for 0)."""
    return (number & -number).bit_length() - 1


def are_hashes(*values: bytes) -> bool:
    """Whether each has the length of a hash."""
    return all(len(value) == HASH_BYTES for value in values)


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """RFC 9162 §2.1.3.2: whether the leaf hash stands at `index` under `root`."""
    if not 0 <= index < size or not are_hashes(leaf, root, *proof):
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            zeros = trailing_zeros(node)
            node, last = node >> zeros, last >> zeros
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> bool:
    """RFC 9162 §2.1.4.2: whether the tree under `root1` is a prefix of the one under `root2`."""
    if not 0 < size1 <= size2 or not are_hashes(root1, root2, *proof):
        return False
    if size1 == size2:
        return not proof and root1 == root2
    # A power of two is itself the subtree that the proof starts from, and is left out of it.
    path = [root1, *proof] if size1.bit_count() == 1 else list(proof)
    if not proof:
        return False
    ones = trailing_zeros(size1)
    node, last = (size1 - 1) >> ones, (size2 - 1) >> ones
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            zeros = trailing_zeros(node)
            node, last = node >> zeros, last >> zeros
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == root1 and new == root2
