"""Keep the outbox in step with the index (`refresh`), and send what is due (`send_due`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from fenhe_hub.index.supervised import SupervisedRecord, supervised_records
from fenhe_hub.upstream.nrii_record import candidate_of, type_4
from fenhe_hub.upstream.outbox import Candidate, Item, Patience, admit, is_due
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Delivery, Upstream
from fenhe_hub.upstream.sending import Sender
from fenhe_protocol.nrii_norm import INSTRUMENT


def refresh(
    db: sqlite3.Connection, outbox: OutboxStore, scope: NationalScope, *, approval: bool
) -> int:
    """Take every record in scope into the outbox as it stands now; return how many changed.

    What left the scope before it was ever delivered goes; of what was delivered it stays that it
    was: the platform has no call that takes a record back.
    """
    candidates = {(c.uscc, c.kind, c.record_id): c for c in _candidates(db, scope)}
    changed = 0
    with outbox.transaction():
        for key, candidate in candidates.items():
            item = admit(outbox.item(*key), candidate, approval=approval)
            if item is not None:
                outbox.put(item)
                changed += 1
        for item in outbox.items():
            key = (item.candidate.uscc, item.candidate.kind, item.candidate.record_id)
            if key not in candidates:
                outbox.let_go(item)
    return changed


def _candidates(db: sqlite3.Connection, scope: NationalScope) -> Iterator[Candidate]:
    units = {record.uscc: _members(record) for record in supervised_records(db, "unit")}
    for kind in sorted(scope.kinds):
        for record in supervised_records(db, kind):
            if scope.holds(kind, record.supervised) and record.public:
                written = type_4(record.public, record.supervised, units.get(record.uscc, {}))
                place = (record.origin, record.index)
                yield candidate_of(record.uscc, kind, record.id, place, written)


def _members(record: SupervisedRecord) -> dict[str, object]:
    return {**record.supervised, **record.public}


async def send_due(
    outbox: OutboxStore,
    upstream: Upstream,
    clock: Callable[[], int],
    patience: Patience,
    progress: Callable[[int, int], None],
) -> list[Item]:
    """Send every item that is due and not held back; return them as they stand afterwards."""
    held = outbox.held()
    due = [
        item
        for item in outbox.items()
        if is_due(item, clock()) and not held.keys() & {item.candidate.uscc, str(INSTRUMENT)}
    ]
    return await Sender(outbox, upstream, clock, patience, _delivery).send(due, progress)


def _delivery(item: Item) -> Delivery:
    key = item.candidate
    assert key.ins_code is not None, "an item without a unit code is blocked, never due"
    return Delivery(key.ins_code, INSTRUMENT, key.record_id, key.payload)
