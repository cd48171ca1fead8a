"""The index brought up to `fed` and to the registry: at start, after a publish and by `rebuild`."""

import sqlite3

from fenhe_hub.fed.log import FedBlock, FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.said import UnitRow, add_unit, fed_size, put_fed, put_registration
from fenhe_hub.targets import enrolled_roots
from fenhe_protocol.errors import StoreError
from fenhe_protocol.strict_json import loads


def catch_up_fed(db: sqlite3.Connection, fed: FedLog) -> None:
    """Take in what the log says beyond the index; StoreError `index.ahead` if it is shorter."""
    head = fed.head()
    if (known := fed_size(db)) > head.size:
        raise StoreError(
            "index.ahead",
            where=head.origin,
            expected=str(head.size),
            found=str(known),
            advice="fenhe-hub rebuild",
        )
    if known < head.size:
        with transaction(db):
            for block in fed.blocks(known, head.size):
                _take(db, block, head.size)


def _take(db: sqlite3.Connection, block: FedBlock, size: int) -> None:
    put_fed(db, size, block.sayings, block.beats)
    for saying in block.sayings:
        if saying.kind == "reg":
            put_registration(db, saying.id, saying.index, loads(saying.body.encode()))


def add_pending(db: sqlite3.Connection, hub: Hub) -> None:
    """Give units whose `reg` is still to be said the numbers they will have.

    Those are said in the order of the registry, so a rebuilt index numbers them the same.
    """
    known = {row[0] for row in db.execute("SELECT origin FROM unit")}
    for unit, root in enrolled_roots(hub.home):
        if unit.origin not in known:
            url = root.url
            row = UnitRow(
                unit.origin, unit.uscc, unit.state, url, unit.root1, unit.depth, enrolled_at=0
            )
            with transaction(db):
                add_unit(db, row)
