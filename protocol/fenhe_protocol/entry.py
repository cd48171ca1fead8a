"""An entry that is to be published: a leaf and the bodies it commits to, not yet at an index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fenhe_protocol.body import SALT_BYTES, Committer
from fenhe_protocol.encoding import b64u_encode_all
from fenhe_protocol.leaf import Leaf, encode_leaf, write_record


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of a leaf and, for each tier it commits to, salt (22 characters) and body."""

    leaf: bytes
    bodies: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def record_entry(origin: str, bodies: Mapping[str, bytes], salts: Mapping[str, bytes]) -> Entry:
    """A record of the log `origin`: a body and 16 bytes of fresh salt for each tier it has."""
    return record_entries(origin, [bodies], [salts[tier] for tier in sorted(bodies)])[0]


def record_entries(
    origin: str, records: Sequence[Mapping[str, bytes]], salts: Sequence[bytes]
) -> list[Entry]:
    """Many records by their bodies; `salts` for record after record, tiers in alphabetical order.

    ValueError where there is not one salt of 16 bytes for each body.
    """
    if {*map(len, salts)} - {SALT_BYTES}:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    tiers = [sorted(bodies) for bodies in records]
    placed = [
        (tier, bodies[tier]) for own, bodies in zip(tiers, records, strict=True) for tier in own
    ]
    committers = {tier: Committer(origin, tier) for tier in {tier for tier, _ in placed}}
    hashes = [
        committers[tier].of(salt, body) for (tier, body), salt in zip(placed, salts, strict=True)
    ]
    texts = iter(b64u_encode_all(hashes))
    salted = zip(b64u_encode_all(salts), [body for _, body in placed], strict=True)
    # zip asks `own` first, so that no salt of the next record is taken.
    return [
        Entry(
            write_record([(tier.encode(), next(texts)) for tier in own]),
            {tier: (salt.decode(), body) for tier, (salt, body) in zip(own, salted, strict=False)},
        )
        for own in tiers
    ]


def plain_entry(leaf: Leaf) -> Entry:
    """A heartbeat or an erasure, which have no bodies."""
    return Entry(encode_leaf(leaf))
