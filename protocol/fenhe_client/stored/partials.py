"""Partial tiles and bundles that a full one has replaced, taken away after an hour (feed §1).

Whoever still asks for one takes the full one and cuts it, as `files` and `log_files` do.
"""

from collections.abc import Iterator
from dataclasses import replace

from fenhe_client.stored.files import FeedFiles
from fenhe_protocol.limits import BLOCK
from fenhe_protocol.tiles import BodyFile, Tile, parse_path

PARTIAL_SECONDS = 3600  # how long a partial outlives the full one


def sweep_partials(files: FeedFiles, size: int, now: int) -> int:
    """Take away what is replaced in a log of `size`; how many files went."""
    gone = list(replaced(files, size, now))
    files.remove(gone)
    return len(gone)


def replaced(files: FeedFiles, size: int, now: int) -> Iterator[str]:
    """The partials whose full one is signed and has stood for an hour.

    One beyond `size` a killed publish left: it goes, and replaces nothing.
    """
    levels = range(-(-size.bit_length() // 8))
    for folder in ("tile/entries", *(f"tile/{level}" for level in levels)):
        for path in files.paths(folder):
            full = full_of(path, size)
            since = None if full is None else files.changed_at(full)
            if since is not None and since + PARTIAL_SECONDS <= now:
                yield path


def full_of(path: str, size: int) -> str | None:
    """The path of the full tile or bundle of a log of `size`, if `path` is that of a partial."""
    part = parse_path(path)
    if isinstance(part, BodyFile) or part.width == BLOCK:
        return None
    level = part.level if isinstance(part, Tile) else 0
    full = (part.index + 1) * BLOCK <= size >> 8 * level
    return replace(part, width=BLOCK).path if full else None
