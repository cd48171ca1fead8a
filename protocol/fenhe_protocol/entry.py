"""An entry that is to be published: a leaf and the bodies it commits to, not yet at an index."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fenhe_protocol.body import commitment, encode_salt
from fenhe_protocol.leaf import Leaf, RecordLeaf, encode_leaf


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of a leaf and, for each tier it commits to, salt (22 characters) and body."""

    leaf: bytes
    bodies: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


def record_entry(origin: str, bodies: Mapping[str, bytes], salts: Mapping[str, bytes]) -> Entry:
    """A record of the log `origin`: a body and 16 bytes of fresh salt for each tier it has."""
    commitments = {
        tier: commitment(origin, tier, salts[tier], body) for tier, body in bodies.items()
    }
    salted = {tier: (encode_salt(salts[tier]), body) for tier, body in bodies.items()}
    return Entry(encode_leaf(RecordLeaf(commitments)), salted)


def plain_entry(leaf: Leaf) -> Entry:
    """A heartbeat or an erasure, which have no bodies."""
    return Entry(encode_leaf(leaf))
