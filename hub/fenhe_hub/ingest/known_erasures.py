"""What is erased of a log as the hub knows it: obeyed `x` leaves, and its own `era` (feed §10)."""

import sqlite3
from collections.abc import Callable, Iterator

from fenhe_hub.index.said import erased_of, said_under
from fenhe_protocol.erasures import Erasures
from fenhe_protocol.leaf import EraseLeaf


def erasures_of(db: sqlite3.Connection, log_no: int, origin: str) -> Erasures:
    """What is erased of a log as far as the index knows, and what an `era` orders besides."""
    found = Erasures(erased_of(db, log_no))
    for leaf in orders_for(db, origin):
        found.add(leaf)
    return found


def erased_leaves(db: sqlite3.Connection) -> Callable[[str, int], bool]:
    """Whether a leaf, by its log's origin and index, has lost a body to an erasure."""

    def is_erased(origin: str, index: int) -> bool:
        found = db.execute(
            "SELECT 1 FROM erased e JOIN log l USING(log_no)"
            " WHERE l.origin = ? AND e.start <= ? AND ? < e.stop LIMIT 1",
            [origin, index, index],
        ).fetchone()
        return found is not None

    return is_erased


def orders_for(db: sqlite3.Connection, origin: str) -> Iterator[EraseLeaf]:
    """The `era` that the hub itself has said of this log."""
    for id_, body in said_under(db, "era", f"{origin}#"):
        index = int(id_.removeprefix(f"{origin}#"))
        yield EraseLeaf(((index, index + 1),), tuple(body["tiers"]), "law")
