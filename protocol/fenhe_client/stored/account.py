"""Whose a home is: its own account alone works in it, and whoever else comes is told what to type.

What root makes in it, that account could no longer read or write.
"""

import os
import pwd
import shlex
import sys
from pathlib import Path

from fenhe_protocol.errors import SetupError

ROOT_UID = 0
_ALL = os.R_OK | os.W_OK | os.X_OK


def check_account(home: Path) -> None:
    """SetupError `home.account` where root, or who may not, works in the home of another account.

    A key that root makes there would be listed, and the service could sign with it no more. Where
    nothing lies there is nothing to say.
    """
    try:
        owner = home.stat()
    except FileNotFoundError:
        return
    except PermissionError:  # somebody else's folder lies above it
        return check_account(home.parent)
    if owner.st_uid == os.geteuid():
        return
    if os.geteuid() == ROOT_UID or not os.access(home, _ALL, effective_ids=True):
        name = _name(owner.st_uid)
        raise SetupError(
            "home.account",
            where=str(home),
            expected=name,
            found=_name(os.geteuid()),
            advice=_advice(name, f"{owner.st_uid}:{owner.st_gid}"),
        )


def _advice(name: str, numbers: str) -> str:
    """What to type instead of what was typed."""
    same = shlex.join(["sudo", "-u", name, *_typed()])
    return f"容器 container: --user {numbers}; {same}" if name.startswith("#") else same


def _typed() -> list[str]:
    """The command that runs, by its whole path: `sudo` looks for it elsewhere."""
    script = Path(sys.argv[0]).absolute()
    if script.suffix != ".py" and os.access(script, os.X_OK):
        return [str(script), *sys.argv[1:]]
    return [sys.executable, *sys.orig_argv[1:]]


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"
