"""Databases for their owner's eyes: SQLite makes a file as open as the account's umask lets it."""

import os
from pathlib import Path

from fenhe_protocol.errors import StoreError

_IN_MEMORY = ":memory:"


def make_private(path: Path) -> None:
    """Make the file, mode 0600, if it is not there; SQLite gives its journals the same mode.

    Before it is opened: what stands in it must never have been readable. StoreError `store.open`.
    """
    if path.name == _IN_MEMORY:
        return
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise StoreError("store.open", where=str(path), found=str(error)) from error
