"""The index brought up to `fed` and to the registry: at start, after a publish and by `rebuild`."""

import sqlite3

from fenhe_hub.fed.log import FedBlock, FedLog
from fenhe_hub.hub import Hub
from fenhe_hub.index.apply import transaction
from fenhe_hub.index.said import UnitRow, add_unit, fed_place, put_fed, put_registration
from fenhe_hub.targets import enrolled_roots
from fenhe_protocol.errors import StoreError
from fenhe_protocol.position import Position
from fenhe_protocol.strict_json import loads


def catch_up_fed(db: sqlite3.Connection, fed: FedLog) -> None:
    """Take in what the log says beyond the index; StoreError `index.ahead` if it is shorter."""
    place = fed.place()
    if (known := fed_place(db)) > place or known > fed.counted(known):
        raise StoreError(
            "index.ahead",
            where=fed.head().origin,
            expected=str(min(place, fed.counted(known))),
            found=str(known),
            advice="fenhe-hub rebuild",
        )
    if known < place:
        with transaction(db):
            for block in fed.blocks(known):
                _take(db, block)
            put_fed(db, place)


def _take(db: sqlite3.Connection, block: FedBlock) -> None:
    put_fed(db, block.stop, block.sayings, block.beats)
    for said in block.sayings:
        if said.kind == "reg":
            at = Position(block.stop.epoch, said.index)
            put_registration(db, said.id, at, loads(said.body.encode()))


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
