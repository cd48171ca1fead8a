"""Every number of feed §12, and the few of other sections that bound what is read."""

from dataclasses import dataclass

LARGEST_SIZE = 2**53 - 1  # of a log, and the largest integer in strict JSON (feed §5)
JSON_DEPTH = 32  # objects and arrays, the outermost is 1 (feed, Encodings)
BLOCK = 256  # leaves in one full tile, entry bundle and body file (feed §1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one reader; the defaults are the protocol's, on decoded bytes while streaming."""

    note_bytes: int = 64 * 1024  # checkpoint, root document
    signature_lines: int = 64
    leaf_bytes: int = 1024
    entry_bytes: int = 65_535  # of a foreign tlog-tiles log
    line_bytes: int = 256 * 1024  # body line, newline included
    root_documents: int = 1024

    connect_seconds: float = 5.0
    idle_seconds: float = 10.0
    visit_seconds: float = 120.0
    least_bytes_per_second: int = 5_000

    visit_bytes: int = 64 * 1024 * 1024
    visit_leaves: int = 200_000
    day_leaves: int = 1_000_000  # for each origin

    push_bytes: int = 16 * 1024 * 1024  # one PUT of body lines (feed §9)
    retry_after_seconds: int = 3600  # the longest Retry-After that counts


DEFAULTS = Limits()
