"""Proof files of this unit's own leaves, from its own files alone (C2SP tlog-proof, feed §9).

A receipt is the proof under the head that was cosigned. Its tree is read from the tiles of today,
for every tree that the log ever had is part of the present one.
"""

from collections.abc import Sequence

from fenhe_client.stored.files import CHECKPOINT, FeedFiles, read_bundle, stored_hashes
from fenhe_protocol.body import BodyLine, read_body_file
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import StoreError
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.merkle import inclusion_proof
from fenhe_protocol.note import parse_note
from fenhe_protocol.proof import compose_proof
from fenhe_protocol.strict_json import loads
from fenhe_protocol.tiles import EntryBundle, blocks_between, body_path

TIERS = ("pub", "hub", "nat")


def make_proof(files: FeedFiles, index: int, note: bytes, tiers: Sequence[str]) -> bytes:
    """Prove the leaf at `index` under `note`, a head of this log; disclose these tiers if it can.

    StoreError where the log's own files do not hold it.
    """
    size = signed_size(files)
    width = min(BLOCK, size - index // BLOCK * BLOCK)
    bundle = read_bundle(files, EntryBundle(index // BLOCK, width), max_entry=DEFAULTS.leaf_bytes)
    head = parse_checkpoint(parse_note(note).text)
    path = inclusion_proof(index, head.size, stored_hashes(files, size))
    found = {tier: body_line(files, tier, index) for tier in tiers}
    disclosed = {tier: line for tier, line in found.items() if line is not None}
    return compose_proof(index, path, bundle[index % BLOCK], disclosed, note)


def signed_size(files: FeedFiles) -> int:
    """The size of the log's own checkpoint."""
    raw = files.read(CHECKPOINT)
    if raw is None:
        raise StoreError("log.absent", where=CHECKPOINT)
    return parse_checkpoint(parse_note(raw).text).size


def body_line(files: FeedFiles, tier: str, index: int) -> BodyLine | None:
    """The body line of one leaf; None where it has none in this tier, or has no longer."""
    for line in _lines(files, tier, index // BLOCK):
        if line.index == index:
            return line
    return None


def first_leaf(files: FeedFiles, kind: str, record_id: str, size: int) -> int | None:
    """The index of the first leaf of an identity below `size`, as far as its bodies are here."""
    found = (
        line.index
        for tier in ("pub", "hub")
        for block in blocks_between(0, size)
        for line in _lines(files, tier, block)
        if _is_of(line, kind, record_id)
    )
    return min(found, default=None)


def _lines(files: FeedFiles, tier: str, block: int) -> list[BodyLine]:
    raw = files.read(body_path(tier, block))
    return [] if raw is None else read_body_file(raw, block)[0]


def _is_of(line: BodyLine, kind: str, record_id: str) -> bool:
    # A quick look first: almost every line is another record's. Ids are written as they are.
    if record_id.encode() not in line.body:
        return False
    body = loads(line.body)
    return bool(body.get("kind") == kind and body.get("id") == record_id)
