"""A settings file: read as a settings dataclass, or one line of it changed in place, durably."""

import json
import os
import stat
from pathlib import Path
from typing import TypeVar

import yaml

from fenhe_client.stored.disk import Disk, replace_files
from fenhe_client.yaml_text import read_yaml
from fenhe_protocol.errors import SetupError
from fenhe_protocol.settings import read_settings

T = TypeVar("T")


class _AsOpen(Disk):
    """Makes files as open as one that is there: a sign command in it may hold a PIN."""

    def __init__(self, like: Path) -> None:
        super().__init__()
        self._mode = stat.S_IMODE(like.stat().st_mode)

    def write(self, path: Path, data: bytes) -> None:
        self.unlink(path)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            os.fchmod(out.fileno(), self._mode)
            out.write(data)


def load_settings(cls: type[T], file: Path) -> T:
    """Read YAML as a `cls`; SetupError names the key or the line that is wrong."""
    try:
        return read_settings(cls, read_yaml(file))
    except (OSError, yaml.YAMLError) as error:
        raise SetupError("setup.form", where=str(file), found=str(error)) from error


def set_line(file: Path, key: str, value: str) -> None:
    """Let `key` of a YAML mapping have this text; at the end where it has no line of its own."""
    named = f"{key}: {json.dumps(value, ensure_ascii=False)}\n"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [named if line.startswith(f"{key}:") else line for line in lines]
    written = "".join(kept if named in kept else [*kept, "\n", named])
    # Where the name is a link, what it leads to is replaced: settings may lie apart from the home.
    replace_files(_AsOpen(file), {file.resolve(): written.encode()})
