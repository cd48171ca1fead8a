"""The leaves of a block in one go. Start at `parse_leaves`.

Nearly every block holds nothing but records in canonical form with the same tiers: those are read
by column, all at once. Any other block is read leaf by leaf, and both agree on every input.
"""

from binascii import a2b_base64
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from fenhe_protocol.leaf import (
    CANONICAL_RECORD,
    TIERS,
    TO_STANDARD,
    EraseLeaf,
    HeartbeatLeaf,
    Leaf,
    LeafForm,
    RecordLeaf,
    parse_leaf,
)
from fenhe_protocol.merkle import HASH_BYTES

_HASH_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HASH_ENDS = b"AEIMQUYcgkosw048"
_HASH_TEXT = 44  # base64 characters of 32 bytes, the padding included
_ZERO = b"A"  # six bits; beside the two that end a hash's text they come to one byte

Leaves = Sequence[Leaf | LeafForm]
"""Leaves in order; one that is not of the form stands there as the error it raised."""


class Records(Sequence[Leaf | LeafForm]):
    """Records with the same tiers, by column; what is in one is decoded when it is asked for."""

    __slots__ = ("_columns", "_texts")

    def __init__(self, texts: Mapping[str, list[bytes]]) -> None:
        self._texts, self._columns = texts, dict[str, list[bytes]]()

    def __len__(self) -> int:
        return len(next(iter(self._texts.values())))

    @property
    def tiers(self) -> set[str]:
        """The tiers to which each of them commits."""
        return set(self._texts)

    def column(self, tier: str) -> list[bytes]:
        """The commitments of one of the tiers."""
        if tier not in self._columns:
            self._columns[tier] = _hashes(self._texts[tier])
        return self._columns[tier]

    @overload
    def __getitem__(self, place: int) -> RecordLeaf: ...
    @overload
    def __getitem__(self, place: slice) -> list[Leaf | LeafForm]: ...
    def __getitem__(self, place: int | slice) -> RecordLeaf | list[Leaf | LeafForm]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        return RecordLeaf({tier: self.column(tier)[place] for tier in self._texts})


def parse_leaves(entries: Sequence[bytes], start: int, log: str) -> Leaves:
    """Read the leaves from index `start` on of the log named `log` (`catalogue`, `usage.2`)."""
    if (records := _alike(entries)) is not None:
        return records
    leaves: list[Leaf | LeafForm] = []
    for index, raw in enumerate(entries, start):
        try:
            leaves.append(parse_leaf(raw, index=index, log=log))
        except LeafForm as error:
            leaves.append(error)
    return leaves


def tiers_of(leaves: Leaves) -> set[str]:
    """The tiers in which some leaf has a body."""
    if isinstance(leaves, Records):
        return leaves.tiers
    return set().union(*(leaf.commitments for leaf in leaves if isinstance(leaf, RecordLeaf)))


def commitments_of(leaves: Leaves, tier: str, start: int) -> dict[int, bytes]:
    """The commitments of one tier by index."""
    if isinstance(leaves, Records):
        return dict(enumerate(leaves.column(tier) if tier in leaves.tiers else (), start))
    return {
        index: leaf.commitments[tier]
        for index, leaf in enumerate(leaves, start)
        if isinstance(leaf, RecordLeaf) and tier in leaf.commitments
    }


def indices_of(leaves: Leaves, tier: str, start: int) -> Sequence[int]:
    """The indices of those that commit to a tier."""
    if isinstance(leaves, Records):
        return range(start, start + len(leaves)) if tier in leaves.tiers else ()
    return [*commitments_of(leaves, tier, start)]


def other_than_records(
    leaves: Leaves, start: int
) -> Iterator[tuple[int, EraseLeaf | HeartbeatLeaf | LeafForm]]:
    """What is no record, with its index."""
    if not isinstance(leaves, Records):
        for index, leaf in enumerate(leaves, start):
            if not isinstance(leaf, RecordLeaf):
                yield index, leaf


def _alike(entries: Sequence[bytes]) -> Records | None:
    """All leaves, if all are canonical records with the same tiers: then they differ in hashes."""
    first = CANONICAL_RECORD.fullmatch(entries[0]) if entries else None
    if first is None or {*map(len, entries)} != {len(entries[0])}:
        return None
    spans = {tier: first.span(number) for number, tier in enumerate(TIERS, 1) if first[number]}
    texts = {tier: [raw[start:end] for raw in entries] for tier, (start, end) in spans.items()}
    if not texts or not _same_beside(entries, [*spans.values()], [*texts.values()]):
        return None
    if not all(map(_are_hashes, texts.values())):
        return None
    return Records(texts)


def _same_beside(
    entries: Sequence[bytes], spans: Sequence[tuple[int, int]], texts: Sequence[Sequence[bytes]]
) -> bool:
    """Whether entries of one length differ in nothing but these spans, where they have `texts`."""
    first, (last, *between) = entries[0], reversed(spans)
    head, tail = first[: spans[0][0]], first[last[1] :]
    columns = [*texts[0:1]]
    for (_, end), (start, _), column in zip(spans, spans[1:], texts[1:], strict=False):
        columns += [[first[end:start]] * len(entries), column]
    rows = texts[0] if not between else map(b"".join, zip(*columns, strict=True))
    return head + (tail + head).join(rows) + tail == b"".join(entries)


def _are_hashes(texts: Sequence[bytes]) -> bool:
    joined = b"".join(texts)
    ends = joined[_HASH_TEXT - 2 :: _HASH_TEXT - 1]
    return not joined.translate(None, _HASH_CHARACTERS) and not ends.translate(None, _HASH_ENDS)


def _hashes(texts: Sequence[bytes]) -> list[bytes]:
    raw = a2b_base64(_ZERO.join([*texts, b""]).translate(TO_STANDARD))
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES + 1)]
