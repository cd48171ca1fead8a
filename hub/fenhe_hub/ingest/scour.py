"""After an erasure: nothing of it in the index's free pages, its journal or the outbox (feed §4).

The rows go with the ingest at once. What SQLite leaves behind of them (free pages, old segments of
the full text, the write-ahead log) goes here, within a day: at the end of a command, each hour in
`serve`. A file in the home says that it is due, so a kill puts nothing off for good.
"""

import sqlite3
from contextlib import closing

from fenhe_client.stored.disk import Disk, remove_files
from fenhe_hub.home import Home, locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.known_erasures import erased_leaves
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_protocol.errors import StoreError


def scour(hub: Hub) -> bool:
    """Do it if it is due; False while readers of the index keep its journal in use: try again."""
    home = hub.home
    if not home.scour_due.exists():
        return True
    with locked(home.path / "index.lock", shared=True), closing(open_index(home.index)) as db:
        if home.outbox.exists():
            _forget_deliveries(home, db)
        before = home.scour_due.stat().st_mtime_ns
        clean = _rewrite(db)
    if clean and home.scour_due.stat().st_mtime_ns == before:  # else more was erased meanwhile
        remove_files(Disk(), [home.scour_due])
    return clean


def _rewrite(db: sqlite3.Connection) -> bool:
    """Copy the database without its free space, and empty the journal; whether that was had."""
    try:
        db.execute("INSERT INTO search(search) VALUES('optimize')")
        db.execute("VACUUM")
        busy: int = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise StoreError("store.failed", where="index.sqlite", found=str(error)) from error
    return not busy


def _forget_deliveries(home: Home, db: sqlite3.Connection) -> None:
    with closing(OutboxStore(home.outbox)) as outbox:
        outbox.forget(erased_leaves(db))
