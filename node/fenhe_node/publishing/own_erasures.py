"""What the node's own `x` leaves say, and its files brought to that: after a kill, after a restore.

Files that were set aside too: what they prove, their leaves and signatures prove. Start at
`settle_erased`.
"""

from collections.abc import Iterator, Sequence, Set
from pathlib import Path

from fenhe_client.keys.log_end import former_files
from fenhe_client.stored.disk import Disk, remove_files, replace_files
from fenhe_client.stored.files import FolderFiles
from fenhe_client.writing.erasing import erase_lines, erased_in, obey
from fenhe_node.home import Home
from fenhe_node.publishing.heads import LOGS, epochs_of
from fenhe_node.publishing.wanted_lines import Key, leaves_of
from fenhe_node.store import Store
from fenhe_protocol.leaf import merge_ranges

RANGES_IN_ONE = 24  # of an `x`: as many as always fit into 1,024 bytes


def settle_erased(home: Home, store: Store) -> int:
    """Take erased lines out of the body files, if a kill or a restore left some; how many went."""
    gone = sum(obey(files) for files in families(home)) + _obey_aside(home)
    if gone or _marker(home).exists():
        store.scour()
        remove_files(Disk(), [_marker(home)])
    return gone


def _obey_aside(home: Home) -> int:
    """Take the lines of erased indices out of what was set aside, whatever stood there."""
    return sum(
        erase_lines(former, erased_in(log, logs))
        for logs in families(home)
        for log in logs
        for former in former_files(home.path, log)
    )


def erase_aside(home: Home, keys: Set[Key], tiers: Sequence[str]) -> None:
    """Take out of it all that its leaves say of these records: no `x` of ours names those."""
    for logs in families(home):
        for log in logs:
            for former in former_files(home.path, log):
                places = leaves_of([{log: former}], keys).values()
                ranges = merge_ranges([(at, at + 1) for each in places for _, at in each])
                erase_lines(former, dict.fromkeys(tiers, ranges))


def erasing_begins(home: Home) -> None:
    """Remember, durably, that the store is about to forget something: `settle_erased` ends it."""
    replace_files(Disk(), {_marker(home): b""})


def _marker(home: Home) -> Path:
    return home.path / "scour.due"


def families(home: Home) -> Iterator[dict[str, FolderFiles]]:
    """The files of each log with all its epochs, by name."""
    for family in LOGS:
        yield epochs_of(home, family)
