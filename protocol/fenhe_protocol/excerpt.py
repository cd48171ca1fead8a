"""Some leaves of a log under its root: what is left out stands there as hashes of whole subtrees.

Where every leaf is shown no hash is needed, and the root is that of exactly these leaves. Start at
`hashes_beside` to make one, at `root_over` to check it.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from fenhe_protocol.merkle import EMPTY_ROOT, HashReader, node_hash, root_between, split_point


def hashes_beside(size: int, shown: Sequence[int], hashes: HashReader) -> list[bytes]:
    """The hashes of the largest subtrees without a shown leaf, left to right.

    `shown` are indices below `size`, ascending, each once.
    """
    return [root_between(a, b, hashes) for a, b, inside in _pieces(0, size, shown) if not inside]


def root_over(size: int, shown: Mapping[int, bytes], beside: Sequence[bytes]) -> bytes:
    """The root of a log of `size` with these leaf hashes, by index; ValueError where it has none.

    `beside` must be just the hashes that `hashes_beside` gives, no more and no fewer.
    """
    order = sorted(shown)
    if order and not 0 <= order[0] <= order[-1] < size:
        raise ValueError(f"a leaf beyond {size}")
    left = iter(beside)
    found = EMPTY_ROOT if not size else _root(0, size, order, shown, left)
    if next(left, None) is not None:
        raise ValueError("a hash too many")
    return found


def _root(
    start: int, end: int, order: Sequence[int], shown: Mapping[int, bytes], left: Iterator[bytes]
) -> bytes:
    if _is_bare(start, end, order):
        if (found := next(left, None)) is None:
            raise ValueError("a hash too few")
        return found
    if end - start == 1:
        return shown[start]
    middle = split_point(start, end)
    first = _root(start, middle, order, shown, left)
    return node_hash(first, _root(middle, end, order, shown, left))


def _pieces(start: int, end: int, order: Sequence[int]) -> Iterator[tuple[int, int, bool]]:
    if _is_bare(start, end, order):
        if end > start:
            yield start, end, False
    elif end - start == 1:
        yield start, end, True
    else:
        middle = split_point(start, end)
        yield from _pieces(start, middle, order)
        yield from _pieces(middle, end, order)


def _is_bare(start: int, end: int, order: Sequence[int]) -> bool:
    """Whether no shown leaf lies in [start, end)."""
    at = bisect_left(order, start)
    return at == len(order) or order[at] >= end
