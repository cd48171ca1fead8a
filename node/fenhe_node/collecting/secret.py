"""A password or token: from a file that nobody else can read, or from the environment."""

import os
import stat
from pathlib import Path

from fenhe_node.settings.sources import SourceSettings
from fenhe_protocol.errors import SetupError

_LONGEST = 4096


def read_secret(settings: SourceSettings, home: Path) -> str:
    """Read it; empty where the source has none. SetupError `source.secret` never quotes it."""
    if settings.secret_env:
        found = os.environ.get(settings.secret_env, "")
        where = f"{settings.name} · secret_env · {settings.secret_env}"
    elif settings.secret_file:
        path = home / settings.secret_file
        where = f"{settings.name} · secret_file · {settings.secret_file}"
        found = _read(path, where)
    else:
        return ""
    if not found.strip() or len(found) > _LONGEST or not found.strip().isprintable():
        raise SetupError("source.secret", where=where, expected="一行文字 one line of text")
    return found.strip()


def _read(path: Path, where: str) -> str:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SetupError(
                "source.secret",
                where=where,
                expected="chmod 600",
                advice="只让本账户可读; let only this account read it",
            )
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError("source.secret", where=where, found=type(error).__name__) from error


def without(secret: str, text: str) -> str:
    """Give a foreign sentence that must not show the secret."""
    return text.replace(secret, "***") if secret else text
