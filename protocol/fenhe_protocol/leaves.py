"""The leaves of a block in one go. Start at `parse_leaves`.

Nearly every block holds nothing but records in canonical form with the same tiers: one expression
reads all of those at once. Any other block is read leaf by leaf, and both agree on every input.
"""

import re
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

_RECORDS = re.compile(rb"(?m)^" + CANONICAL_RECORD.pattern + rb"$")
_HASH_TEXT = 44  # base64 characters of 32 bytes, the padding included

Leaves = Sequence[Leaf | LeafForm]
"""Leaves in order; one that is not of the form stands there as the error it raised."""


class Records(Sequence[Leaf | LeafForm]):
    """Records with the same tiers, by column; a leaf is made when it is asked for."""

    __slots__ = ("columns",)

    def __init__(self, columns: Mapping[str, list[bytes]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @overload
    def __getitem__(self, place: int) -> RecordLeaf: ...
    @overload
    def __getitem__(self, place: slice) -> list[Leaf | LeafForm]: ...
    def __getitem__(self, place: int | slice) -> RecordLeaf | list[Leaf | LeafForm]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        return RecordLeaf({tier: values[place] for tier, values in self.columns.items()})


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
        return set(leaves.columns)
    return set().union(*(leaf.commitments for leaf in leaves if isinstance(leaf, RecordLeaf)))


def commitments_of(leaves: Leaves, tier: str, start: int) -> dict[int, bytes]:
    """The commitments of one tier by index."""
    if isinstance(leaves, Records):
        return dict(enumerate(leaves.columns.get(tier, ()), start))
    return {
        index: leaf.commitments[tier]
        for index, leaf in enumerate(leaves, start)
        if isinstance(leaf, RecordLeaf) and tier in leaf.commitments
    }


def other_than_records(
    leaves: Leaves, start: int
) -> Iterator[tuple[int, EraseLeaf | HeartbeatLeaf | LeafForm]]:
    """What is no record, with its index."""
    if not isinstance(leaves, Records):
        for index, leaf in enumerate(leaves, start):
            if not isinstance(leaf, RecordLeaf):
                yield index, leaf


def _alike(entries: Sequence[bytes]) -> Records | None:
    """All leaves, if all are canonical records with the same tiers."""
    lines = b"\n".join(entries)
    found = _RECORDS.findall(lines)
    # As many lines as entries and as many matches as lines: each entry is one whole match.
    if not found or not len(found) == len(entries) == lines.count(b"\n") + 1:
        return None
    columns = dict(zip(TIERS, zip(*found, strict=True), strict=True))
    used = {tier: texts for tier, texts in columns.items() if any(texts)}
    if not used or not all(map(all, used.values())):
        return None
    return Records({tier: _hashes(texts) for tier, texts in used.items()})


def _hashes(texts: Sequence[bytes]) -> list[bytes]:
    joined = b"=".join(texts).translate(TO_STANDARD) + b"="
    places = range(0, len(joined), _HASH_TEXT)
    return [a2b_base64(joined[at : at + _HASH_TEXT]) for at in places]
