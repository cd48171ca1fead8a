"""Subtrees of a log and their consistency proofs (draft-ietf-plants-merkle-tree-certs §4).

A mirror takes entries in blocks: each block is a subtree, and its proof shows that it is part of
the tree whose head is known already (tlog-mirror). Start at `subtree_proof` and `verify_subtree`.
"""

from collections.abc import Sequence

from fenhe_protocol.merkle import (
    HashReader,
    are_hashes,
    node_hash,
    root_between,
    split_point,
    trailing_zeros,
)

MOST_HASHES = 63  # of one proof (tlog-mirror)


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end) is a valid subtree: not empty, and aligned to the power of two over it.

    draft-ietf-plants-merkle-tree-certs §4.1.
    """
    return 0 <= start < end and start % (1 << (end - start - 1).bit_length()) == 0


def subtree_proof(start: int, end: int, size: int, hashes: HashReader) -> list[bytes]:
    """The proof that the subtree [start, end) is part of the tree of `size` (§4.4.1)."""
    if not is_subtree(start, end) or end > size:
        raise ValueError(f"[{start}, {end}) is no subtree of a tree of size {size}")
    path, low, high = [], 0, size
    begin, is_whole = start, True
    while (low, high) != (begin, end):
        middle = split_point(low, high)
        if end <= middle:
            path.append(root_between(middle, high, hashes))
            high = middle
            continue
        path.append(root_between(low, middle, hashes))
        if begin < middle:  # the subtree goes on to the right: its left part is known no more
            begin, is_whole = middle, False
        low = middle
    if not is_whole:
        path.append(root_between(low, high, hashes))
    return path[::-1]


def verify_subtree(
    start: int, end: int, size: int, proof: Sequence[bytes], subtree: bytes, root: bytes
) -> bool:
    """Whether `subtree` is the root over [start, end) of the tree of `size` under `root` (§4.4.3).

    Never raises, whatever a stranger sent.
    """
    if not is_subtree(start, end) or end > size or not are_hashes(subtree, root, *proof):
        return False
    first, node, last = start, end - 1, size - 1
    # Up to the highest perfect subtree at the right edge, and to the root if both edges are one.
    shift = (first ^ node).bit_length()
    if node != last:
        shift = min(shift, trailing_zeros(~node))
    first, node, last = first >> shift, node >> shift, last >> shift
    if first == node:
        path, part = list(proof), subtree
    elif proof:
        path, part = list(proof[1:]), proof[0]
    else:
        return False
    return _climb(first, node, last, path, part) == (subtree, root)


def _climb(
    first: int, node: int, last: int, path: Sequence[bytes], part: bytes
) -> tuple[bytes, bytes] | None:
    """What the proof says that the subtree's root and the tree's root are; None if it is too long.

    `first` and `node` are the two edges of the subtree, `last` the right edge of the tree.
    """
    inner = outer = part
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            if first < node:
                inner = node_hash(sibling, inner)
            outer = node_hash(sibling, outer)
            shift = trailing_zeros(node)
            first, node, last = first >> shift, node >> shift, last >> shift
        else:
            outer = node_hash(outer, sibling)
        first, node, last = first >> 1, node >> 1, last >> 1
    return (inner, outer) if last == 0 else None
