"""A given file, for as long as it is read: a copy in a private folder of the home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fenhe_client.stored.own_folder import own_folder


@contextmanager
def own_copy(home: Path, name: str, raw: bytes) -> Iterator[Path]:
    """A copy that nobody else changes, under a cleaned name."""
    with own_folder(home) as folder:
        path = folder / name
        path.write_bytes(raw)
        yield path
