"""Send items of an outbox, one by one: marked before, answered after, every reply kept.

What an item's text is and how its reply is kept differ between the hub and the gateway; they are
given to `Sender`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fenhe_hub.upstream.outbox import Item, ItemState, Patience, after_reply
from fenhe_hub.upstream.outbox_store import OutboxStore
from fenhe_hub.upstream.seam import Delivery, Reply, Upstream

# A platform that is away costs the deadline of these calls, not of all: the rest waits.
SILENCES = 3
# The platform asks senders to rest: a second after every 500 records.
REST_EVERY, REST_SECONDS = 500, 1.0


@dataclass(frozen=True)
class Sender:
    """Sends items; `write` makes the delivery of one, `keep` what of its reply is stored."""

    outbox: OutboxStore
    upstream: Upstream
    clock: Callable[[], int]
    patience: Patience
    write: Callable[[Item], Delivery]
    keep: Callable[[Item, Reply], Reply] = lambda item, reply: reply

    async def send(self, due: Sequence[Item], progress: Callable[[int, int], None]) -> list[Item]:
        """Send them in order; return them as they stand afterwards.

        Cut off between mark and answer, an item is sent again. A platform that does not answer
        ends the run; what was not sent stays due.
        """
        sent: list[Item] = []
        for number, item in enumerate(due, start=1):
            sent.append(await self._send(item))
            progress(number, len(due))
            if len(sent) >= SILENCES and all(each.code is None for each in sent[-SILENCES:]):
                break
            if number % REST_EVERY == 0:
                await asyncio.sleep(REST_SECONDS)
        return sent

    async def _send(self, item: Item) -> Item:
        delivery = self.write(item)
        with self.outbox.transaction():
            self.outbox.put(replace(item, state=ItemState.SENDING))
        reply = await self.upstream.deliver(delivery)
        answered = after_reply(item, reply, self.clock(), self.patience)
        with self.outbox.transaction():
            self.outbox.keep_reply(item, self.keep(item, reply), self.clock())
            self.outbox.put(answered)
        return answered
