"""What of a home goes into a backup. Start at `content_of`.

It is named by what stays out, so that whatever else comes to lie in a home is backed up as well.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from fenhe_client.stored import own_folder
from fenhe_node.home import Home

SQLITE = b"SQLite format 3\0"

# Another copy of what signs is what must never be; what was set aside is evidence of this disk;
# what was spooled is fetched again.
_STAYS_OUT = frozenset(
    {"keys", "aside", "restoring", own_folder.FOLDER, "runs.json", "backup.json"}
)
_OF_A_MOMENT = (".lock", ".tmp", "-journal", "-wal", "-shm", ".new")


def content_of(home: Home) -> Iterator[str]:
    """The paths below the home of all files that are copied, in no order."""
    heads = home.heads.name
    for parent, folders, names in os.walk(home.path):
        below = Path(parent).relative_to(home.path)
        if below == Path():
            folders[:] = [name for name in folders if name not in _STAYS_OUT]
        for name in names:
            path = (below / name).as_posix()
            if not _stays_out(path, name, heads):
                yield path


def may_hold(path: str) -> bool:
    """Whether a backup may name this path: one below the home, and of nothing that signs."""
    parts = path.split("/")
    below = not {"", ".", ".."}.intersection(parts) and not {"\\", "\0"}.intersection(path)
    heads = Home(Path()).heads.name
    return below and parts[0] not in _STAYS_OUT and not _stays_out(path, parts[-1], heads)


def is_database(file: Path) -> bool:
    """Whether SQLite has to copy it; a file that is gone meanwhile is none."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def _stays_out(path: str, name: str, heads: str) -> bool:
    return path in _STAYS_OUT or name.endswith(_OF_A_MOMENT) or path.startswith(heads)
