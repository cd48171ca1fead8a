"""Stored body lines as far as they are what their leaves commit to.

A disk may change what lies on it. Whoever shows a body from a file takes it from here, so that what
is shown is what was signed, or nothing until the self-check has healed it.
"""

from collections.abc import Mapping

from fenhe_client.stored.files import FeedFiles, read_bundle
from fenhe_protocol.body import BodyLine, Committer, read_body_file
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaves import commitments_of, parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.tiles import EntryBundle, body_path


def fitting_lines(
    files: FeedFiles, origin: str, tier: str, block: int, size: int
) -> list[BodyLine]:
    """The good lines of one block of a log of `size`; none where its leaves are damaged."""
    raw = files.read(body_path(tier, block))
    if raw is None:
        return []
    bundle = EntryBundle(block, min(BLOCK, size - block * BLOCK))
    lines, _ = read_body_file(raw, block)
    return Committer(origin, tier).fitting(lines, _commitments(files, origin, tier, bundle))


def _commitments(
    files: FeedFiles, origin: str, tier: str, bundle: EntryBundle
) -> Mapping[int, bytes]:
    start = bundle.index * BLOCK
    try:
        entries = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
    except (StoreError, Refused):
        return {}  # as the self-check tells
    return commitments_of(parse_leaves(entries, start, origin.rpartition("/")[2]), tier, start)
