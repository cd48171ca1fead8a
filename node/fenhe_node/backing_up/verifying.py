"""A backup read again, as nobody wants to do it on the day when it is needed. Start at `verify`."""

from collections.abc import Iterator
from pathlib import Path

from fenhe_client.checking.databases import is_sound
from fenhe_client.checking.own_logs import OwnLogs
from fenhe_client.stored.head_store import HeadStore
from fenhe_node.backing_up.content import is_database, may_hold
from fenhe_node.backing_up.copying import sha256
from fenhe_node.backing_up.manifest import FILE, Manifest
from fenhe_node.home import Home
from fenhe_node.publishing.heads import LOGS, log_files, own_root
from fenhe_protocol.errors import FenheError
from fenhe_protocol.leaf import split_log_name

TIERS = ("pub", "hub", "nat")


def verify(folder: Path, manifest: Manifest) -> list[str]:
    """What is wrong with it, by path or log; nothing if it can be restored as it stands."""
    return [*damaged_files(folder, manifest), *_unsound(folder, manifest), *_logs(folder)]


def damaged_files(folder: Path, manifest: Manifest) -> list[str]:
    """The files that are not what the manifest says, or not there, or should not be."""
    found = [
        path
        for path, (size, digest) in manifest.files.items()
        if not (may_hold(path) and _is(folder, path, size, digest))
    ]
    found += {Home(folder).config_file.name} - manifest.files.keys()
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return sorted({*found, *(there - manifest.files.keys() - {FILE})})


def _is(folder: Path, path: str, size: int, digest: str) -> bool:
    file = folder / path
    try:
        if file.resolve() != folder.resolve() / path:
            return False  # a link leads out of what was looked at
        return file.stat().st_size == size and sha256(file) == digest
    except OSError:
        return False


def _unsound(folder: Path, manifest: Manifest) -> Iterator[str]:
    for path in manifest.files:
        if is_database(folder / path) and not is_sound(folder / path):
            yield f"{path} (SQLite)"


def _logs(folder: Path) -> Iterator[str]:
    """The logs whose files do not hash to the head that they show."""
    home = Home(folder)
    try:
        root = own_root(home)
    except FenheError as error:
        yield f"root ({error.code})"
        return
    for family in LOGS:
        listed = [log for log in root.logs if split_log_name(log.name)[0] == family]
        files = {log.name: log_files(home, log.name) for log in listed}
        # No store of heads is in a backup: what the checkpoints show is what counts here.
        nothing = HeadStore(Path(":memory:"))
        logs = OwnLogs(root.origin, listed, files, nothing, TIERS, lambda _: ())
        if not logs.look(lambda: None):
            yield family
