"""Keep the outbox in step with the index (`refresh`), and send what is due (`send_due`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from fenhe_hub.upstream.nrii_candidates import CUSTOMS_PART, TYPES, candidates
from fenhe_hub.upstream.outbox import Item, Patience, admit, is_due
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.scope import NationalScope
from fenhe_hub.upstream.seam import Delivery, Upstream
from fenhe_hub.upstream.sending import SILENCES, Sender

LAST_DAY = "9999-12-31"


def refresh(
    db: sqlite3.Connection,
    outbox: OutboxStore,
    scope: NationalScope,
    *,
    approval: bool,
    today: str = LAST_DAY,
) -> int:
    """Take every record in scope into the outbox as it stands now; return how many changed.

    What left the scope before it was ever delivered goes; of what was delivered it stays that it
    was: the platform has no call that takes a record back. `today`, an ISO date, judges dates.
    """
    found = {(c.uscc, c.kind, c.record_id): c for c in candidates(db, scope, today)}
    changed = 0
    with outbox.transaction():
        for key, candidate in found.items():
            item = admit(outbox.item(*key), candidate, approval=approval)
            if item is not None:
                outbox.put(item)
                changed += 1
        for item in outbox.items():
            key = (item.candidate.uscc, item.candidate.kind, item.candidate.record_id)
            if key not in found:
                outbox.let_go(item)
    return changed


async def send_due(
    outbox: OutboxStore,
    upstream: Upstream,
    clock: Callable[[], int],
    patience: Patience,
    progress: Callable[[int, int], None],
) -> list[Item]:
    """Send every item that is due and not held back; return them as they stand afterwards.

    One type after the other, as the platform wants them; where it falls silent the rest waits.
    """
    sender = Sender(outbox, upstream, clock, patience, _delivery)
    sent: list[Item] = []
    for kind in TYPES:
        sent += await sender.send(_due(outbox, kind, clock()), progress)
        if len(sent) >= SILENCES and all(item.code is None for item in sent[-SILENCES:]):
            break
    return sent


def _due(outbox: OutboxStore, kind: str, now: int) -> list[Item]:
    held = outbox.held()
    items = outbox.items()
    there = {
        (each.candidate.uscc, each.candidate.record_id)
        for each in items
        if each.candidate.kind == "instrument" and each.delivered_sha256 is not None
    }
    return [
        item
        for item in items
        if item.candidate.kind == kind
        and is_due(item, now)
        and not held.keys() & {item.candidate.uscc, str(TYPES[kind])}
        # Customs are told of an instrument that is there (national-platform.md §1.5).
        and (kind != CUSTOMS_PART or (item.candidate.uscc, item.candidate.record_id) in there)
    ]


def _delivery(item: Item) -> Delivery:
    key = item.candidate
    assert key.ins_code is not None, "an item without a unit code is blocked, never due"
    return Delivery(key.ins_code, TYPES[key.kind], key.record_id, key.payload)
