"""Stored body lines as far as they are what their leaves commit to.

A disk may change what lies on it. Whoever shows a body from a file takes it from here, so that what
is shown is what was signed, or nothing until the self-check has healed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from fenhe_client.stored.files import FeedFiles, read_bundle
from fenhe_protocol.body import BodyLine, Committer, read_body_file
from fenhe_protocol.errors import Refused, StoreError
from fenhe_protocol.leaves import commitments_of, parse_leaves
from fenhe_protocol.limits import BLOCK, DEFAULTS
from fenhe_protocol.tiles import EntryBundle, body_path


@dataclass(frozen=True, slots=True)
class Fitting:
    """The good lines of a block, and the indices whose leaf commits to one that is not here."""

    lines: Sequence[BodyLine]
    lacking: frozenset[int]


def fitting_lines(
    files: FeedFiles, origin: str, tier: str, block: int, size: int
) -> Sequence[BodyLine]:
    """The good lines of one block of a log of `size`; none where its leaves are damaged."""
    if files.read(body_path(tier, block)) is None:
        return []
    try:
        return read_fitting(files, origin, tier, block, size).lines
    except (StoreError, Refused):
        return []  # as the self-check tells


def read_fitting(files: FeedFiles, origin: str, tier: str, block: int, size: int) -> Fitting:
    """The same with what is lacking; StoreError or Refused where the leaves are damaged."""
    start = block * BLOCK
    bundle = EntryBundle(block, min(BLOCK, size - start))
    entries = read_bundle(files, bundle, max_entry=DEFAULTS.leaf_bytes)
    leaves = parse_leaves(entries, start, origin.rpartition("/")[2])
    commitments = commitments_of(leaves, tier, start)
    lines, _ = read_body_file(files.read(body_path(tier, block)) or b"", block)
    found = Committer(origin, tier).fitting(lines, commitments)
    return Fitting(found, frozenset(commitments.keys() - {line.index for line in found}))
