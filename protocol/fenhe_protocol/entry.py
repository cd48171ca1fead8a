"""Entries that are to be published: leaves and the bodies they commit to, not yet at an index.

Nearly all that is published at once are records with the same tiers: `record_entries` makes those
by column, and so they stay until they are written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from fenhe_protocol.body import SALT_BYTES, Committer, encode_salt
from fenhe_protocol.encoding import b64u_encode_all
from fenhe_protocol.leaf import Leaf, encode_leaf, write_records

Column = tuple[Sequence[bytes], Sequence[bytes]]
"""Of one tier, record by record: the salts (16 bytes each) and the bodies."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of a leaf and, for each tier it commits to, salt (22 characters) and body."""

    leaf: bytes
    bodies: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


class RecordEntries(Sequence[Entry]):
    """Records with the same tiers, by column; an entry is made when it is asked for."""

    __slots__ = ("columns", "leaves")

    def __init__(self, leaves: Sequence[bytes], columns: Mapping[str, Column]) -> None:
        self.leaves, self.columns = leaves, columns

    def __len__(self) -> int:
        return len(self.leaves)

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> "RecordEntries": ...
    def __getitem__(self, place: int | slice) -> "Entry | RecordEntries":
        columns = self.columns.items()
        if isinstance(place, slice):
            cut = {tier: (salts[place], bodies[place]) for tier, (salts, bodies) in columns}
            return RecordEntries(self.leaves[place], cut)
        own = {
            tier: (encode_salt(salts[place]), bodies[place]) for tier, (salts, bodies) in columns
        }
        return Entry(self.leaves[place], own)


def record_entry(origin: str, bodies: Mapping[str, bytes], salts: Mapping[str, bytes]) -> Entry:
    """A record of the log `origin`: a body and 16 bytes of fresh salt for each tier it has."""
    return record_entries(origin, [bodies], [salts[tier] for tier in sorted(bodies)])[0]


def record_entries(
    origin: str, records: Sequence[Mapping[str, bytes]], salts: Sequence[bytes]
) -> Sequence[Entry]:
    """Many records by their bodies; `salts` for record after record, tiers in alphabetical order.

    ValueError where there is not one salt of 16 bytes for each body, or a record has no body.
    """
    if not all(records):
        raise ValueError("a record has a body")
    if {*map(len, salts)} - {SALT_BYTES}:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    if len(salts) != sum(map(len, records)):
        raise ValueError(f"{len(salts)} salts are not one for each body")
    if len({*map(tuple, records)}) == 1:
        return _alike(origin, sorted(records[0]), records, salts)
    return _mixed(origin, records, salts)


def record_leaves(origin: str, columns: Mapping[str, Column]) -> list[bytes]:
    """The leaves of records with these salts and bodies; tiers in alphabetical order."""
    hashes = [
        b64u_encode_all(Committer(origin, tier).of_all(salts, bodies))
        for tier, (salts, bodies) in columns.items()
    ]
    return write_records([*columns], hashes)


def _alike(
    origin: str,
    tiers: Sequence[str],
    records: Sequence[Mapping[str, bytes]],
    salts: Sequence[bytes],
) -> RecordEntries:
    columns = {
        tier: (salts[place :: len(tiers)], [record[tier] for record in records])
        for place, tier in enumerate(tiers)
    }
    return RecordEntries(record_leaves(origin, columns), columns)


def _mixed(
    origin: str, records: Sequence[Mapping[str, bytes]], salts: Sequence[bytes]
) -> list[Entry]:
    """Records with several sets of tiers: those of each set by column, then put in order."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    own_salts: dict[tuple[str, ...], list[bytes]] = defaultdict(list)
    taken = 0
    for place, record in enumerate(records):
        tiers = tuple(sorted(record))
        alike[tiers].append(place)
        own_salts[tiers] += salts[taken : taken + len(tiers)]
        taken += len(tiers)
    made: dict[int, Entry] = {}
    for tiers, places in alike.items():
        own = [records[place] for place in places]
        made |= zip(places, _alike(origin, tiers, own, own_salts[tiers]), strict=True)
    return [made[place] for place in range(len(records))]


def plain_entry(leaf: Leaf) -> Entry:
    """A heartbeat or an erasure, which have no bodies."""
    return Entry(encode_leaf(leaf))
