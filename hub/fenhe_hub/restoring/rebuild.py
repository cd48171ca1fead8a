"""The index made again from nothing: mirror, cosigned notes, evidence and `fed` alone.

The old file stays until the new one is whole. Nobody else may hold the index meanwhile.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from fenhe_client.keys.roots import stored_roots
from fenhe_client.stored.disk import Disk
from fenhe_client.stored.head_store import HeadStore
from fenhe_hub.fed.index import add_pending, catch_up_fed
from fenhe_hub.fed.log import FedLog
from fenhe_hub.home import locked
from fenhe_hub.hub import FED, Hub
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.attested import put_attested
from fenhe_hub.index.said import put_heads, put_quarantine
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.log import Ingest, LogName
from fenhe_hub.mirror.cosign import kept_notes
from fenhe_hub.mirror.evidence import is_quarantined
from fenhe_hub.mirror.roots import current_root, root_files
from fenhe_hub.targets import log_names
from fenhe_protocol.errors import StoreError
from fenhe_protocol.schema import SchemaSet

Told = Callable[[str, int], None]
"""(origin of a log, its size), once it is in."""

_OUTDATED = ("index.version", "index.schemas")


def rebuild(hub: Hub, told: Told = lambda origin, size: None, *, patience: float = 5) -> None:
    """Replace `index.sqlite` by one made from the files; StoreError `home.busy` beside `serve`."""
    home = hub.home
    with locked(home.path / "fed.lock"), locked(home.path / "index.lock", patience=patience):
        fresh = home.index.with_suffix(".new")
        _remove(fresh)
        with closing(open_index(fresh)) as db:
            fed = FedLog(hub, hub.fed_files(), HeadStore(home.heads))
            catch_up_fed(db, fed)
            add_pending(db, hub)
            ingest = Ingest(home, db, SchemaSet.load(), Disk())
            logs = _logs(hub, db)
            for name in logs:
                _put_heads(db, ingest, name)  # an erasure asks for them, in epochs before its own
            for name in logs:
                _bring_up(hub, db, ingest, name)
                told(name.origin, ingest.row(name).size)
            db.execute("PRAGMA journal_mode=DELETE")  # all in one file, fit to be renamed
        _fold(home.index)
        _remove_journal(home.index)  # it must not stand beside the new one
        fresh.replace(home.index)


def rebuild_if_outdated(hub: Hub, begun: Callable[[], None], told: Told) -> None:
    """Rebuild what another version wrote or other schemas judged; StoreError `home.busy`."""
    try:
        open_index(hub.home.index).close()
    except StoreError as error:
        if error.code not in _OUTDATED:
            raise
    else:
        return
    begun()
    rebuild(hub, told)


def _logs(hub: Hub, db: sqlite3.Connection) -> list[LogName]:
    units = db.execute("SELECT unit_no, origin, root1, depth FROM unit ORDER BY unit_no").fetchall()
    return [name for row in units for name in _logs_of(hub, *row)]


def _logs_of(hub: Hub, unit_no: int, origin: str, root1: str, depth: int) -> list[LogName]:
    """The logs of a unit that were ever visited; of a hub it is `fed`.

    Earlier epochs first: what a later one erases of them may go once it is known what they hold.
    """
    if not stored_roots(root_files(hub.home, origin)) and not _is_mirrored(hub, origin):
        return []  # a restored hub whose unit is still to be enrolled once more
    names = log_names(current_root(hub.home, origin, root1), unit_no, of_hub=depth > 0)
    return [name for name in reversed(names) if hub.home.mirror(name.origin).is_dir()]


def _is_mirrored(hub: Hub, origin: str) -> bool:
    return any(hub.home.mirror(f"{origin}/{name}").is_dir() for name in ("catalogue", "usage", FED))


def _bring_up(hub: Hub, db: sqlite3.Connection, ingest: Ingest, name: LogName) -> None:
    ingest.bring_up(name)
    _put_heads(db, ingest, name)
    with transaction(db):
        put_quarantine(db, name.log_no, is_quarantined(hub.home, name.origin))


def _put_heads(db: sqlite3.Connection, ingest: Ingest, name: LogName) -> None:
    log = ingest.mirror(name)
    notes, attested = (
        [(note.size, note.at) for note in kept_notes(each)] for each in (log.notes, log.beneath)
    )
    with transaction(db):
        put_heads(db, name.log_no, notes)
        put_attested(db, name.log_no, attested)


def _fold(file: Path) -> None:
    """Bring what stands in the journal into the file itself: killed now, the old one is whole."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as db:  # it may be damaged
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    _remove_journal(file)


def _remove_journal(file: Path) -> None:
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
