"""A backup made, read again and put in its place; older ones taken away. Start at `back_up`."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_node.backing_up.access import not_writable
from fenhe_node.backing_up.copying import Copying
from fenhe_node.backing_up.manifest import Manifest, backups_in, write_manifest
from fenhe_node.backing_up.memory import remember
from fenhe_node.backing_up.sealed_keys import SUFFIX, seal_keys
from fenhe_node.backing_up.verifying import verify
from fenhe_node.home import alone
from fenhe_node.node import Node
from fenhe_node.publishing.heads import log_files
from fenhe_node.store.tables import MIGRATIONS
from fenhe_protocol.checkpoint import parse_checkpoint
from fenhe_protocol.errors import FenheError, SetupError, StoreError
from fenhe_protocol.note import parse_note
from fenhe_protocol.origin import origin_hash

Clock = Callable[[], int]  # POSIX seconds
CHECK = "fenhe-node check-files"


@dataclass(frozen=True)
class BackedUp:
    """What was made: where, with what in it; the older ones that went; the file of keys, if any."""

    folder: Path
    manifest: Manifest
    gone: tuple[Path, ...] = ()
    keys: Path | None = None


def back_up(node: Node, to: Path, *, keep: int, now: Clock, passphrase: str = "") -> BackedUp:
    """Copy the home into a new folder below `to`, while it serves; StoreError or SetupError.

    With a passphrase the keys go into a file of their own, which is never taken away again. What is
    not whole is told in the manifest, and then no older backup goes.
    """
    try:
        done = _back_up(node, to, keep, now())
        if passphrase:
            keys = to / f"{done.folder.name}{SUFFIX}"
            seal_keys(node.home, node.root.origin, passphrase, keys)
            remember(node.home, keys_at=now())
            done = replace(done, keys=keys)
    except FenheError as error:
        remember(node.home, failed=str(error))
        raise
    if done.manifest.damaged:
        remember(node.home, failed="; ".join(done.manifest.damaged))
    else:
        size = done.manifest.size
        remember(node.home, at=now(), folder=str(done.folder), size=size, failed="")
    return done


def back_up_as_set(node: Node, now: Clock) -> None:
    """What the schedule does; StoreError also where the home was not whole."""
    settings = node.config.backup
    done = back_up(node, Path(settings.to), keep=settings.keep, now=now)
    if damaged := done.manifest.damaged:
        raise StoreError(
            "backup.failed", where=str(done.folder), found=", ".join(damaged), advice=CHECK
        )


def _back_up(node: Node, to: Path, keep: int, now: int) -> BackedUp:
    name = f"{_prefix(node)}-{_local(now, node.config.utc_offset_minutes):%Y%m%d-%H%M%S}"
    making = _claim(node, to, name)
    try:
        copying = Copying(node.home, making)
        copying.copy()
        with alone(node.home):
            copying.copy()
            copying.copy_databases()
        os.sync()  # many files on a disk that may be taken away: flushed at once, then read again
        manifest = _manifest(node, copying, now)
        manifest = replace(manifest, damaged=tuple(verify(making, manifest)))
        write_manifest(making, manifest)
        made = making.rename(to / name)
        Disk().flush(to)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return BackedUp(made, manifest, () if manifest.damaged else _prune(to, manifest.origin, keep))


def _claim(node: Node, to: Path, name: str) -> Path:
    home = node.home.path.resolve()
    if to.resolve().is_relative_to(home):
        raise SetupError("backup.inside", where=str(to), found=str(home))
    try:
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in to.glob(f".{_prefix(node)}-*.making"):
            shutil.rmtree(left)  # of a backup that was killed
        if (to / name).exists():
            raise SetupError("backup.soon", where=str(to / name))
        making = to / f".{name}.making"
        making.mkdir(mode=0o700)
    except OSError as error:
        raise not_writable(to, error) from error
    return making


def _prefix(node: Node) -> str:
    """Institutes of one university share its code, so the name of the feed counts too."""
    return f"{node.config.uscc}-{origin_hash(node.root.origin)[:8]}"


def _manifest(node: Node, copying: Copying, now: int) -> Manifest:
    return Manifest(
        origin=node.root.origin,
        unit=node.root.unit,
        unit_name=node.config.unit_name,
        fingerprint=node.fingerprint,
        at=now,
        tables=len(MIGRATIONS),
        logs={log.name: _size(node, log.name) for log in node.root.logs},
        files=dict(sorted(copying.files.items())),
    )


def _size(node: Node, log: str) -> int:
    raw = log_files(node.home, log).read("checkpoint")
    return parse_checkpoint(parse_note(raw).text).size if raw else 0


def _prune(to: Path, origin: str, keep: int) -> tuple[Path, ...]:
    """Take the oldest away; what was erased since goes with them."""
    old = tuple(backups_in(to, origin)[:-keep])
    for each in old:
        shutil.rmtree(each)
    return old


def _local(now: int, offset: int) -> datetime:
    return datetime.fromtimestamp(now, UTC) + timedelta(minutes=offset)
