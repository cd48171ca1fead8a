"""Files that were given to a console and are looked at, until they are taken in. Start at `keep`.

Each lies in the home under its SHA-256, so that what is taken in is the very file that was looked
at. They hold persons as people's own lists do: mode 0600, few, and swept after `DAYS`.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_protocol.errors import InputError

DAYS = 7
MOST_FILES = 20
MOST_BYTES = 512 * 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ABOUT = "about.json"
_LONGEST_NAME = 200  # bytes; file systems take 255, and writing takes a few beside the name


class Home(Protocol):
    """A unit's home, or a hub's."""

    @property
    def path(self) -> Path:
        """Where it lies."""


@dataclass(frozen=True)
class Kept:
    """One file. `source` names the list it is an edition of, `kind` what is in it, `sheets` which
    of its sheets are read: empty: guess."""

    sha256: str
    name: str
    at: int
    by: str
    size: int
    source: str = ""
    kind: str = ""
    sheets: tuple[str, ...] = ()


def keep(home: Home, content: Path, name: str, *, now: int, by: str) -> Kept:
    """Keep a file; InputError `import.full` where too many wait already."""
    raw = content.read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    others = [each for each in sweep(home, now) if each.sha256 != sha256]
    if len(others) >= MOST_FILES or sum(each.size for each in others) + len(raw) > MOST_BYTES:
        raise InputError("import.full", where="/imports", expected=f"≤ {MOST_FILES}")
    drop(home, sha256)
    name = _file_name(name)
    kept = Kept(sha256, name, now, by, len(raw))
    folder = _folder(home) / sha256
    files = {folder / "file" / name: raw, folder / _ABOUT: _about(kept)}
    replace_files(PrivateDisk(), files)
    return kept


def find(home: Home, sha256: str) -> Kept:
    """The file of this name; InputError `import.gone`."""
    found = _read(_folder(home) / sha256) if _SHA256.fullmatch(sha256) else None
    if found is None:
        raise InputError("import.gone", where=sha256[:12])
    return found


def path_of(home: Home, kept: Kept) -> Path:
    """Where it lies, under its own name."""
    return _folder(home) / kept.sha256 / "file" / kept.name


def every(home: Home) -> tuple[Kept, ...]:
    """All that are kept, the newest first."""
    folders = _folder(home).iterdir() if _folder(home).is_dir() else ()
    found = [kept for folder in folders if (kept := _read(folder)) is not None]
    return tuple(sorted(found, key=lambda kept: (-kept.at, kept.sha256)))


def say(home: Home, kept: Kept, *, source: str, kind: str, sheets: Iterable[str] = ()) -> Kept:
    """Remember which list it is an edition of, and of what; and which of its sheets are read."""
    changed = replace(kept, source=source, kind=kind, sheets=tuple(sheets))
    replace_files(PrivateDisk(), {_folder(home) / kept.sha256 / _ABOUT: _about(changed)})
    return changed


def drop(home: Home, sha256: str) -> None:
    """Keep a file no longer."""
    if _SHA256.fullmatch(sha256):
        shutil.rmtree(_folder(home) / sha256, ignore_errors=True)


def sweep(home: Home, now: int) -> tuple[Kept, ...]:
    """Drop what has lain here too long, and what is left of what was cut off; the others."""
    left = {kept.sha256: kept for kept in every(home) if now - kept.at <= DAYS * 86_400}
    for folder in _folder(home).iterdir() if _folder(home).is_dir() else ():
        if folder.name not in left:
            shutil.rmtree(folder, ignore_errors=True)
    return tuple(left.values())


def empty(home: Home) -> None:
    """Drop all of them: where something is erased for good, no file may still hold it."""
    shutil.rmtree(_folder(home), ignore_errors=True)


def _file_name(told: str) -> str:
    """A name that a file system takes and no path; of a long one the end, where its form stands."""
    name = told.replace("/", "_").replace("\0", "_")
    while len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        name = name[1:]
    return "file" if name.strip(". ") == "" else name


def _folder(home: Home) -> Path:
    return home.path / "imports"


def _about(kept: Kept) -> bytes:
    return json.dumps(asdict(kept), ensure_ascii=False).encode()


def _read(folder: Path) -> Kept | None:
    try:
        about = json.loads((folder / _ABOUT).read_bytes())
        return Kept(**(about | {"sheets": tuple(about.get("sheets", ()))}))
    except (OSError, ValueError, TypeError, AttributeError):
        return None
