"""Send services to the national platform: open, write, deliver, forget. Start at `forward_due`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fenhe_hub.gateway.home import Gateway
from fenhe_hub.gateway.opening import Opener
from fenhe_hub.gateway.replies import opened_reply, sealed_reply, shown, values_in
from fenhe_hub.gateway.services import Obstacles, refresh, service
from fenhe_hub.gateway.store import Store
from fenhe_hub.upstream.outbox import Item, Patience, is_due
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.seam import Delivery, Reply, Upstream
from fenhe_hub.upstream.sending import Sender
from fenhe_protocol.errors import Refused
from fenhe_protocol.nrii_norm import SERVICE
from fenhe_protocol.schema_fields import ENVELOPE


@dataclass(frozen=True, slots=True)
class Desk:
    """What sending and reporting work on."""

    gateway: Gateway
    store: Store
    outbox: OutboxStore
    opener: Opener


async def forward_due(
    desk: Desk,
    upstream: Upstream,
    clock: Callable[[], int],
    progress: Callable[[int, int], None] = lambda done, due: None,
) -> list[Item]:
    """Send every service that is due and that nothing stands against, ordered by unit and id."""
    now = clock()
    refresh(desk.store, desk.outbox, desk.opener, now)
    obstacles = Obstacles.now(desk.store, desk.outbox, desk.opener)
    items = desk.outbox.items()
    due = [item for item in items if is_due(item, now) and not obstacles.of(item)]
    sender = Sender(
        desk.outbox,
        upstream,
        clock,
        Patience(),
        write=lambda item: _delivery(desk, item),
        keep=lambda item, reply: _kept(desk, reply),
    )
    return await sender.send(due, progress)


def _delivery(desk: Desk, item: Item) -> Delivery:
    key = item.candidate
    found = service(desk.store, key.uscc, key.record_id)
    assert found is not None and found.ins_code, "an item without them is blocked or gone"
    said = found.written(desk.opener)
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Delivery(found.ins_code, SERVICE, key.record_id, payload)


def _kept(desk: Desk, reply: Reply) -> Reply:
    gateway = desk.gateway
    return sealed_reply(reply, origin=gateway.origin, public=gateway.public_key)


def last_replies(desk: Desk, items: Sequence[Item]) -> dict[tuple[str, str], str]:
    """What was last answered to each item as it stands, by unit and id, without what was sent."""
    last = desk.outbox.last_replies()
    found = {}
    for item in items:
        key = item.candidate
        if (raw := last.get((key.uscc, key.kind, key.record_id))) is not None:
            text = opened_reply(raw, origin=desk.gateway.origin, seals=desk.opener.seals)
            found[key.uscc, key.record_id] = shown(text, *_said(desk, key.uscc, key.record_id))
    return found


def _said(desk: Desk, uscc: str, id: str) -> tuple[set[str], set[str]]:
    """What was sent of a service, and what of it tells of its user."""
    found = service(desk.store, uscc, id)
    if found is None:
        return {id}, set()
    try:
        fields = found.user(desk.opener)
        written = set(found.written(desk.opener).values())
    except Refused:
        return {id}, set()
    user = set(values_in({name: fields[name] for name in fields.keys() - set(ENVELOPE)}))
    return written | user | {id}, user
