"""What became of the last backup, kept in the home for `status` and `doctor`."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_node.home import Home

FILE = "backup.json"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last good one: when (POSIX seconds, 0 for never), where, how large; what failed since."""

    at: int = 0
    folder: str = ""
    size: int = 0  # bytes
    keys_at: int = 0  # when keys were last sealed into a file
    failed: str = ""  # why the one after it was not made, or is not whole


def last_backup(home: Home) -> LastBackup:
    """Read it; an absent or damaged memory is an empty one."""
    try:
        return LastBackup(**json.loads((home.path / FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return LastBackup()


def remember(home: Home, **changes: int | str) -> None:
    """Keep what has changed."""
    known = replace(last_backup(home), **changes)  # type: ignore[arg-type]
    text = json.dumps(asdict(known), ensure_ascii=False)
    replace_files(Disk(), {Path(home.path) / FILE: text.encode()})
