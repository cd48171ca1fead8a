"""What the node's own `x` leaves say, and its files brought to that: after a kill, after a restore.

Start at `settle_erased`.
"""

from collections.abc import Iterator
from pathlib import Path

from fenhe_client.disk import Disk, remove_files, replace_files
from fenhe_client.erasing import obey
from fenhe_client.files import FolderFiles
from fenhe_node.heads import LOGS, epochs_of
from fenhe_node.home import Home
from fenhe_node.store import Store

RANGES_IN_ONE = 24  # of an `x`: as many as always fit into 1,024 bytes


def settle_erased(home: Home, store: Store) -> int:
    """Take erased lines out of the body files, if a kill or a restore left some; how many went."""
    gone = sum(obey(files) for files in families(home))
    if gone or _marker(home).exists():
        store.scour()
        remove_files(Disk(), [_marker(home)])
    return gone


def erasing_begins(home: Home) -> None:
    """Remember, durably, that the store is about to forget something: `settle_erased` ends it."""
    replace_files(Disk(), {_marker(home): b""})


def _marker(home: Home) -> Path:
    return home.path / "scour.due"


def families(home: Home) -> Iterator[dict[str, FolderFiles]]:
    """The files of each log with all its epochs, by name."""
    for family in LOGS:
        yield epochs_of(home, family)
