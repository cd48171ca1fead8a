"""What a backup says of itself, in `backup.json`: whose it is, when it was made, every file's hash.

It is written last: a folder without it is no backup. Start at `Manifest`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fenhe_client.stored.disk import replace_files
from fenhe_client.stored.private_file import PrivateDisk
from fenhe_node.backing_up.access import check_readable, unreadable
from fenhe_protocol.errors import InputError

FILE = "backup.json"
VERSION = 1


@dataclass(frozen=True)
class Manifest:
    """One backup; `files` are (size, hex SHA-256) by path, `logs` the signed sizes."""

    origin: str
    unit: str
    unit_name: str
    fingerprint: str
    at: int  # POSIX seconds
    tables: int  # the number of the store's last migration
    logs: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]
    damaged: tuple[str, ...] = field(default=())  # what was not whole when it was made

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(size for size, _ in self.files.values())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a folder of copied files a backup."""
    text = json.dumps({"version": VERSION, **asdict(manifest)}, ensure_ascii=False, indent=1)
    replace_files(PrivateDisk(), {folder / FILE: text.encode()})


def read_manifest(folder: Path) -> Manifest:
    """InputError `backup.absent` where none lies there, `backup.damaged`, `backup.newer`."""
    try:
        told = json.loads((folder / FILE).read_bytes())
        version = told.pop("version")
    except FileNotFoundError as error:
        raise InputError("backup.absent", where=str(folder), expected=FILE) from error
    except PermissionError as error:
        raise unreadable(folder, error) from error
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise InputError("backup.damaged", where=str(folder / FILE)) from error
    if version != VERSION:
        raise InputError(
            "backup.newer", where=str(folder), expected=str(VERSION), found=str(version)
        )
    try:
        files = {path: (int(size), str(digest)) for path, (size, digest) in told["files"].items()}
        return Manifest(**{**told, "files": files, "damaged": tuple(told["damaged"])})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("backup.damaged", where=str(folder / FILE)) from error


def backups_in(folder: Path, origin: str = "") -> list[Path]:
    """The backups below a folder, the newest last; only those of `origin` where one is given."""
    found = []
    for each in folder.iterdir() if folder.is_dir() else ():
        try:
            manifest = read_manifest(each)
        except InputError:
            continue  # another's, or what a killed backup left
        if origin in ("", manifest.origin):
            found.append((manifest.at, each))
    return [each for _, each in sorted(found)]


def find_backup(folder: Path) -> Path:
    """The folder itself, or the newest backup below it; InputError `backup.absent`.

    `backup.unreadable` where there may be one, and this account may not look.
    """
    try:
        if (folder / FILE).exists():
            return folder
    except PermissionError as error:
        raise unreadable(folder, error) from error
    found = backups_in(folder)
    if not found:
        check_readable(folder)
        raise InputError("backup.absent", where=str(folder), expected=FILE)
    return found[-1]
