"""The leaves of a block in one go. Start at `parse_leaves`.

Nearly every block holds nothing but records in canonical form with the same tiers: one expression
reads all of those at once. Any other block is read leaf by leaf, and both agree on every input.
"""

import re
from binascii import a2b_base64
from collections.abc import Sequence

from fenhe_protocol.leaf import (
    CANONICAL_RECORD,
    TIERS,
    TO_STANDARD,
    Leaf,
    LeafForm,
    RecordLeaf,
    parse_leaf,
)

_RECORDS = re.compile(rb"(?m)^" + CANONICAL_RECORD.pattern + rb"$")
_HASH_TEXT = 44  # base64 characters of 32 bytes, the padding included


def parse_leaves(entries: Sequence[bytes], start: int, log: str) -> list[Leaf | LeafForm]:
    """Leaves in order; one that is not of the form stands there as the error it raised."""
    leaves: list[Leaf | LeafForm] = []
    leaves += _alike(entries)
    for index, raw in enumerate(entries[len(leaves) :], start + len(leaves)):
        try:
            leaves.append(parse_leaf(raw, index=index, log=log))
        except LeafForm as error:
            leaves.append(error)
    return leaves


def _alike(entries: Sequence[bytes]) -> list[RecordLeaf]:
    """All leaves, if all are canonical records with the same tiers, else none."""
    lines = b"\n".join(entries)
    found = _RECORDS.findall(lines)
    # As many lines as entries and as many matches as lines: each entry is one whole match.
    if not found or not len(found) == len(entries) == lines.count(b"\n") + 1:
        return []
    columns = dict(zip(TIERS, zip(*found, strict=True), strict=True))
    tiers = [tier for tier, texts in columns.items() if any(texts)]
    if not tiers or not all(all(columns[tier]) for tier in tiers):
        return []
    commitments: list[dict[str, bytes]] = [{} for _ in entries]
    for tier in tiers:
        for each, value in zip(commitments, _hashes(columns[tier]), strict=True):
            each[tier] = value
    return list(map(RecordLeaf, commitments))


def _hashes(texts: Sequence[bytes]) -> list[bytes]:
    joined = b"=".join(texts).translate(TO_STANDARD) + b"="
    places = range(0, len(joined), _HASH_TEXT)
    return [a2b_base64(joined[at : at + _HASH_TEXT]) for at in places]
