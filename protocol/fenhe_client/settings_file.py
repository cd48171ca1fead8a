"""A settings file: read as a settings dataclass, or one line of it changed in place, durably."""

import json
from pathlib import Path
from typing import TypeVar

import yaml

from fenhe_client.disk import Disk, replace_files
from fenhe_client.yaml_text import read_yaml
from fenhe_protocol.errors import SetupError
from fenhe_protocol.settings import read_settings

T = TypeVar("T")


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
    replace_files(Disk(), {file: written.encode()})
