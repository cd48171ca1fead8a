"""A home made from a backup, in a folder where there is none. Start at `put_back`.

The settings come last, so that a killed attempt is no home and may be made again. The store of
heads stays empty: nothing is signed before `restore` has compared it with the mirror (feed §11).
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from fenhe_client.stored.account import check_account
from fenhe_client.stored.disk import Disk
from fenhe_node.backing_up.manifest import Manifest, read_manifest
from fenhe_node.backing_up.sealed_keys import put_keys
from fenhe_node.backing_up.verifying import damaged_files
from fenhe_node.home import Home
from fenhe_node.store.tables import MIGRATIONS
from fenhe_protocol.errors import InputError, SetupError

SETTINGS = "config.yaml"
_BEGUN = ".from-backup"
_MAY_LIE_THERE = frozenset({"keys", SETTINGS})

Keys = Callable[[Manifest], dict[str, str]]


def put_back(backup: Path, path: Path, keys: Keys = lambda _: {}) -> Home:
    """Make the home; InputError `backup.damaged` and `backup.newer`, SetupError `home.*`."""
    manifest = read_manifest(backup)
    if manifest.tables > len(MIGRATIONS):
        raise InputError("backup.newer", where=str(backup))
    if damaged := damaged_files(backup, manifest):
        raise InputError("backup.damaged", where=str(backup), found=", ".join(damaged[:5]))
    opened = keys(manifest)
    home = _claim(path)
    put_keys(home, opened)
    # What is public stays readable for a web server, all else is for the account alone.
    for name in sorted(manifest.files.keys() - {SETTINGS}):
        _copy(backup / name, home.path / name, 0o644 if name.startswith("public/") else 0o600)
    for folder, mode in ((home.public, 0o755), (home.held, 0o700), (home.keys, 0o700)):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
    _copy(backup / SETTINGS, home.config_file, 0o600)
    os.sync()
    (path / _BEGUN).unlink()
    Disk().flush(path)
    return home


def _claim(path: Path) -> Home:
    """A folder that is empty but for keys, or holds what an attempt before has left."""
    check_account(path)
    path.mkdir(parents=True, exist_ok=True)
    there = {each.name for each in path.iterdir() if each.exists()}
    if not (path / _BEGUN).exists():
        if SETTINGS in there:
            raise SetupError("home.exists", where=str(path))
        if there - _MAY_LIE_THERE:
            raise SetupError("home.not-empty", where=str(path))
        (path / _BEGUN).touch(mode=0o600)
    return Home(path)


def _copy(source: Path, target: Path, mode: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)
