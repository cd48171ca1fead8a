"""That a tree goes on from another, shown from its edge and later leaves. Start at `proof_on`.

Who reads a log anew keeps a `CompactRange` and never holds the tree; a consistency proof needs no
more than that and the hashes of the later leaves, read once in order.
"""

from collections.abc import Iterable, Sequence

from fenhe_protocol.merkle import (
    HASH_BYTES,
    CompactRange,
    consistency_proof,
    perfect_subtrees,
)


def proof_on(before: CompactRange, size: int, later: Iterable[Sequence[bytes]]) -> list[bytes]:
    """The consistency proof from the tree of `before` to the one of `size`.

    `later` are the hashes of all leaves in between, in order, in pieces of any length; ValueError
    where they are fewer.
    """
    peaks = dict(zip(perfect_subtrees(0, before.size), before.hashes, strict=True))
    wanted = _subtrees_after(before.size, size) if before.size else []
    known = peaks | _filled(wanted, before.size, later)
    return consistency_proof(before.size, size, lambda level, index: known[level, index])


def _subtrees_after(start: int, size: int) -> list[tuple[int, int]]:
    """(level, index) of what the proof needs of the leaves from `start` on, left to right."""
    asked: list[tuple[int, int]] = []

    def note(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(HASH_BYTES)

    consistency_proof(start, size, note)
    after = [(level, index) for level, index in asked if index << level >= start]
    return sorted(after, key=lambda each: each[1] << each[0])


def _filled(
    wanted: Sequence[tuple[int, int]], start: int, later: Iterable[Sequence[bytes]]
) -> dict[tuple[int, int], bytes]:
    """The hashes of neighbouring subtrees from `start` on."""
    found: dict[tuple[int, int], bytes] = {}
    waiting, grown = iter(wanted), CompactRange()
    place = next(waiting, None)
    for piece in later:
        hashes = list(piece)
        while hashes and place is not None:
            room = (1 << place[0]) - grown.size
            grown.extend(hashes[:room])
            del hashes[:room]
            if grown.size == 1 << place[0]:
                found[place], grown = grown.root(), CompactRange()
                place = next(waiting, None)
    if place is not None:
        raise ValueError(f"leaves after {start} are lacking")
    return found
