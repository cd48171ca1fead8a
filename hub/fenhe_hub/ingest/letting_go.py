"""The daily job that lets sealed lines go whose 90 days are over (feed §3). See `let_go_due`.

Killed anywhere it is done again: first it is said that the lines may be absent, then they leave the
files and the index takes that in, then they are off the list.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fenhe_client.stored.disk import Disk
from fenhe_hub.home import locked
from fenhe_hub.hub import Hub
from fenhe_hub.index.tables import open_index
from fenhe_hub.ingest.log import Ingest, LogName
from fenhe_hub.mirror.sealed_ledger import due, forget_taken, mark_let_go
from fenhe_protocol.schema import SchemaSet

_LOGGER = logging.getLogger("fenhe_hub.ingest.letting_go")


def let_go_due(hub: Hub, now: int) -> int:
    """Drop what is due of every log, visited or not; how many leaves it concerned."""
    home, disk, count = hub.home, Disk(), 0
    with (
        locked(home.path / "index.lock", shared=True, patience=5),
        closing(open_index(home.index)) as db,
    ):
        ingest = Ingest(home, db, SchemaSet.load(), disk)
        for name in _names(db):
            folder = home.mirror(name.origin)
            if due(folder, now):
                with locked(folder / "lock", patience=300):
                    count += _let_go(ingest, name, folder, now, disk)
    return count


def _let_go(ingest: Ingest, name: LogName, folder: Path, now: int, disk: Disk) -> int:
    ranges = due(folder, now)
    mark_let_go(folder, ranges, disk)
    ingest.bring_up(name)
    forget_taken(folder, ranges)
    count = sum(stop - start for start, stop in ranges)
    _LOGGER.info("%s: sealed lines of %d leaves let go", name.origin, count)
    return count


def _names(db: sqlite3.Connection) -> Iterator[LogName]:
    rows = db.execute(
        "SELECT unit_no, u.origin, u.uscc, l.name, l.ended FROM log l JOIN unit u USING(unit_no)"
        " ORDER BY l.log_no"
    ).fetchall()
    return (LogName(*row) for row in rows)
