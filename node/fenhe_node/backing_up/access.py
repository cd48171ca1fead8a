"""What the account of a node may not read or write of a backup, and what root types about it.

A disk that root mounts belongs to root, and the node runs as an account of its own: so who moves
house meets this first. Start at `check_readable`.
"""

import os
import pwd
import shlex
from pathlib import Path

from fenhe_protocol.errors import InputError, StoreError

PLACE = "/var/backups/fenhe-node"
"""The folder for backups that the package makes, of the node's own account."""


def check_readable(folder: Path) -> None:
    """InputError `backup.unreadable` where something in the folder is not for this account."""
    try:
        for each in folder.iterdir():
            if each.is_dir():
                next(each.iterdir(), None)
            else:
                each.open("rb").close()
    except PermissionError as error:
        raise unreadable(folder, error) from error
    except OSError:
        return  # not there, or no folder: said where it is read


def unreadable(folder: Path, error: PermissionError) -> InputError:
    """What to say where a backup in the folder is not for this account."""
    name = _account()
    copied = f"cp -r {shlex.quote(str(folder))}/. {PLACE}/ && chown -R {name}: {PLACE}"
    return InputError(
        "backup.unreadable",
        where=str(error.filename),
        found=name,
        advice=f"由管理员拷到它的目录, 从那里恢复; root copies it, restore from there: {copied}",
    )


def not_writable(folder: Path, error: OSError) -> StoreError:
    """What to say where a backup could not be begun."""
    advice = ""
    if isinstance(error, PermissionError):
        advice = (
            f"账号 {_account()} 写不了这里: 先备份到 {PLACE}, 再由管理员拷走;"
            f" make it in {PLACE}, and let root copy it on"
        )
    return StoreError("backup.failed", where=str(folder), found=str(error), advice=advice)


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"#{os.geteuid()}"
