"""Proof files (C2SP tlog-proof, feed §9): one record, provable offline against keys alone.

c2sp.org/tlog-proof@v1
extra <b64 of: leaf, newline, and for each disclosed tier `<tier> <salt> <json>`, newline>
index <decimal>
<b64 of 32 bytes, once for each sibling from the leaf up>

<checkpoint with its signatures>
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fenhe_protocol.body import BodyLine, Committer
from fenhe_protocol.checkpoint import (
    Checkpoint,
    Cosignature,
    KeyRange,
    OpenedCheckpoint,
    open_checkpoint,
)
from fenhe_protocol.encoding import b64_decode, b64_encode, parse_decimal
from fenhe_protocol.errors import Refused
from fenhe_protocol.keys import VerifierKey
from fenhe_protocol.leaf import FED_TIERS, Leaf, LeafForm, RecordLeaf, parse_leaf
from fenhe_protocol.limits import DEFAULTS
from fenhe_protocol.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from fenhe_protocol.second_line import SecondLine

HEAD_LINE = b"c2sp.org/tlog-proof@v1"
MOST_BYTES = 2 * 1024 * 1024
MOST_SIBLINGS = 53  # of a tree of at most 2^53 - 1 leaves

_DISCLOSED = re.compile(
    rb"(%b) ([A-Za-z0-9_-]{21}[AQgw]) ([^\n]*)\n" % "|".join(FED_TIERS).encode()
)
# White space within a leaf may hold newlines, but no JSON has a line that begins like these.
_REST = re.compile(b"(?:%b){0,%d}" % (_DISCLOSED.pattern, len(FED_TIERS)))


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof file taken apart, nothing of it verified. `disclosed` maps tiers to their lines."""

    index: int
    siblings: tuple[bytes, ...]
    leaf: bytes
    disclosed: Mapping[str, BodyLine]
    note: bytes


@dataclass(frozen=True, slots=True)
class ProvenRecord:
    """What a good proof says: this leaf, at this index, under this head, with these bodies."""

    index: int
    leaf: Leaf
    bodies: Mapping[str, bytes]
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]


def compose_proof(
    index: int,
    siblings: Sequence[bytes],
    leaf: bytes,
    disclosed: Mapping[str, BodyLine],
    note: bytes,
) -> bytes:
    """Write a proof file; ValueError where what it discloses could not be read again."""
    lines = [b"%b %b %b\n" % (t.encode(), d.salt.encode(), d.body) for t, d in disclosed.items()]
    whole = b"".join([leaf, b"\n", *lines])
    if _parse_extra(whole, index) != (leaf, disclosed):
        raise ValueError("a newline within a body, a tier that is none, or no leaf")
    extra = b64_encode(whole)
    path = "".join(f"{b64_encode(sibling)}\n" for sibling in siblings)
    return b"%b\nextra %b\nindex %d\n%b\n%b" % (
        HEAD_LINE,
        extra.encode(),
        index,
        path.encode(),
        note,
    )


def parse_proof(raw: bytes) -> Proof:
    """Take a proof file apart; Refused `proof.form`."""
    if len(raw) > MOST_BYTES:
        raise Refused("proof.form", expected=f"<= {MOST_BYTES} bytes", found=str(len(raw)))
    head, separator, note = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    if not separator or len(lines) < 3 or lines[0] != HEAD_LINE:
        raise Refused("proof.form", expected=HEAD_LINE.decode())
    if len(lines) > 3 + MOST_SIBLINGS:
        raise Refused("proof.form", expected=f"<= {MOST_SIBLINGS} hashes")
    try:
        index = parse_decimal(_after("index ", lines[2]))
        leaf, disclosed = _parse_extra(b64_decode(_after("extra ", lines[1])), index)
        siblings = tuple(b64_decode(line.decode("ascii"), size=HASH_BYTES) for line in lines[3:])
    except ValueError as error:
        raise Refused("proof.form", found=str(error)) from error
    return Proof(index, siblings, leaf, disclosed, note)


def _after(word: str, line: bytes) -> str:
    text = line.decode("ascii")
    if not text.startswith(word):
        raise ValueError(f"a line that does not begin with {word!r}")
    return text.removeprefix(word)


def _parse_extra(extra: bytes, index: int) -> tuple[bytes, dict[str, BodyLine]]:
    end = extra.find(b"\n")
    while 0 <= end <= DEFAULTS.leaf_bytes and not _REST.fullmatch(extra, end + 1):
        end = extra.find(b"\n", end + 1)
    if not 0 <= end <= DEFAULTS.leaf_bytes:
        raise ValueError("extra that is not a leaf and its disclosed lines")
    disclosed: dict[str, BodyLine] = {}
    for match in _DISCLOSED.finditer(extra, end + 1):
        tier = match[1].decode()
        if tier in disclosed:
            raise ValueError(f"tier {tier} twice")
        disclosed[tier] = BodyLine(index, match[2].decode(), match[3])
    return extra[:end], disclosed


def verify_proof(
    raw: bytes,
    *,
    origin: str,
    keys: Sequence[KeyRange],
    cosigners: Sequence[VerifierKey] = (),
    second: SecondLine | None = None,
) -> ProvenRecord:
    """Verify a proof file of the log `origin`.

    Raises Refused: `proof.form`, those of `open_checkpoint`, `proof.path` where the leaf is not in
    the tree, `proof.leaf`, `proof.commitment` where a body is not the one that was committed to.
    """
    proof = parse_proof(raw)
    opened = open_checkpoint(
        proof.note, origin=origin, keys=keys, cosigners=cosigners, second=second
    )
    return prove(proof, opened)


def prove(proof: Proof, opened: OpenedCheckpoint) -> ProvenRecord:
    """Verify a proof against a checkpoint that is verified already; as `verify_proof`."""
    head = opened.checkpoint
    hashed = leaf_hash(proof.leaf)
    if not verify_inclusion(proof.index, head.size, hashed, proof.siblings, head.root):
        raise Refused("proof.path", where=f"{head.origin} index {proof.index}")
    leaf = _leaf(proof, head.origin)
    commitments = leaf.commitments if isinstance(leaf, RecordLeaf) else {}
    for tier, line in proof.disclosed.items():
        if commitments.get(tier) != Committer(head.origin, tier).of_line(line):
            raise Refused("proof.commitment", where=f"{head.origin} index {proof.index} {tier}")
    bodies = {tier: line.body for tier, line in proof.disclosed.items()}
    return ProvenRecord(proof.index, leaf, bodies, head, opened.cosignatures)


def _leaf(proof: Proof, origin: str) -> Leaf:
    try:
        return parse_leaf(proof.leaf, index=proof.index, log=origin.rpartition("/")[2])
    except LeafForm as error:
        raise Refused("proof.leaf", expected=error.expected, found=error.found) from error
