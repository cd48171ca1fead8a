"""Keep the outbox in step with the index (`refresh`), and send what is due (`send_due`)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

from fenhe_hub.index.supervised import SupervisedRecord, supervised_records
from fenhe_hub.upstream.nrii_record import INSTRUMENT_TYPE, candidate_of, type_4
from fenhe_hub.upstream.outbox import (
    Candidate,
    Item,
    ItemState,
    Patience,
    admit,
    after_reply,
    is_due,
)
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Delivery, Upstream

# A platform that is away costs the deadline of these calls, not of all: the rest waits.
SILENCES = 3
# The platform asks senders to rest: a second after every 500 records.
REST_EVERY, REST_SECONDS = 500, 1.0


def refresh(
    db: sqlite3.Connection, outbox: OutboxStore, scope: NationalScope, *, approval: bool
) -> int:
    """Take every record in scope into the outbox as it stands now; return how many changed.

    What left the scope before it was ever delivered goes; what was delivered stays: the platform
    has no call that takes a record back.
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
            if key not in candidates and item.delivered_sha256 is None:
                outbox.remove(item)
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
    """Send every item that is due, oldest key first; return them as they stand afterwards.

    An item is marked before it is sent and answered after: cut off between, it is sent again. A
    platform that does not answer ends the run; what was not sent stays due.
    """
    due = [item for item in outbox.items() if is_due(item, clock())]
    sent = []
    for number, item in enumerate(due, start=1):
        sent.append(await _send(outbox, upstream, item, clock, patience))
        progress(number, len(due))
        if len(sent) >= SILENCES and all(item.code is None for item in sent[-SILENCES:]):
            break
        if number % REST_EVERY == 0:
            await asyncio.sleep(REST_SECONDS)
    return sent


async def _send(
    outbox: OutboxStore,
    upstream: Upstream,
    item: Item,
    clock: Callable[[], int],
    patience: Patience,
) -> Item:
    key = item.candidate
    assert key.ins_code is not None, "an item without a unit code is blocked, never due"
    with outbox.transaction():
        outbox.put(replace(item, state=ItemState.SENDING))
    reply = await upstream.deliver(
        Delivery(key.ins_code, INSTRUMENT_TYPE, key.record_id, key.payload)
    )
    answered = after_reply(item, reply, clock(), patience)
    with outbox.transaction():
        outbox.keep_reply(item, reply, clock())
        outbox.put(answered)
    return answered
