"""Whose a home is: what root makes in it, its own account could no longer read or write."""

import os
import pwd
from pathlib import Path

from fenhe_protocol.errors import SetupError

ROOT_UID = 0


def check_account(home: Path) -> None:
    """SetupError `home.account` where root works in the home of another account.

    A key that root makes there would be listed, and the service could sign with it no more.
    """
    owner = home.stat().st_uid
    if os.geteuid() == ROOT_UID and owner != ROOT_UID:
        raise SetupError(
            "home.account",
            where=str(home),
            expected=_name(owner),
            found="root",
            advice=f"sudo -u {_name(owner)} …",
        )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
