"""One line of a settings file changed in place, durably; all others stay as a person left them."""

import json
from pathlib import Path

from fenhe_client.disk import Disk, replace_files


def set_line(file: Path, key: str, value: str) -> None:
    """Let `key` of a YAML mapping have this text; at the end where it has no line of its own."""
    named = f"{key}: {json.dumps(value, ensure_ascii=False)}\n"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [named if line.startswith(f"{key}:") else line for line in lines]
    written = "".join(kept if named in kept else [*kept, "\n", named])
    replace_files(Disk(), {file: written.encode()})
