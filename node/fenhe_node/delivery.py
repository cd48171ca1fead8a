"""After a publish: show life, ask witnesses, push what is due, look at the hubs and let them come.

Witnesses come first, so that what is pushed carries their lines.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fenhe_client.pushing.push import Progress
from fenhe_node.hubs.fed_watch import fed_heads
from fenhe_node.hubs.hub_view import HubView
from fenhe_node.hubs.looking import look
from fenhe_node.hubs.push import Pushed, Step, push_hubs
from fenhe_node.node import Node
from fenhe_node.publishing.heads import current_logs
from fenhe_node.publishing.publish import Pen, show_life
from fenhe_node.receipts.witnessing import Witnesses
from fenhe_node.signs_of_life import heartbeat_due
from fenhe_protocol.errors import FenheError

LOOKS = 10
SECONDS_BETWEEN_LOOKS = 2


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was pushed, how far each hub has got then, and what kept witnesses from signing."""

    pushed: Sequence[Pushed]
    views: Sequence[HubView]
    unwitnessed: Sequence[FenheError] = ()  # why witnesses have not signed

    @property
    def failed(self) -> bool:
        """Whether something that had to be sent was not taken."""
        return any(each.step is Step.PUSH and each.error for each in self.pushed)


def keep_alive(node: Node, pen: Pen, sizes: Mapping[str, int]) -> Mapping[str, int]:
    """Write the heartbeat that is due where no server runs to write it; the sizes signed then.

    Never waits: a catalogue that has just grown is alive.
    """
    catalogue, *_ = current_logs(node.home)
    now = pen.now()
    if node.config.listen or heartbeat_due(node, now) > now:
        return sizes
    if pen.writer(catalogue).seconds_until_allowed(now):
        return sizes
    return {**sizes, catalogue: show_life(pen, fed_heads(node.home))}


async def deliver(
    node: Node, sizes: Mapping[str, int], now: Callable[[], int], progress: Progress, *, wait: bool
) -> Delivered:
    """Push and look; with `wait`, look again for some seconds where a hub was told to come."""
    unwitnessed = await Witnesses(node).ask(now)
    pushed = await push_hubs(node, now, progress)
    views = await look(node, now)
    told = {each.hub for each in pushed if each.step is Step.ANNOUNCE and not each.error}
    for _ in range(LOOKS if wait else 0):
        if all(_has_all(view, sizes) for view in views if view.origin in told):
            break
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        views = await look(node, now)
    return Delivered(pushed, views, unwitnessed)


def _has_all(view: HubView, sizes: Mapping[str, int]) -> bool:
    return all(view.has(log, size) for log, size in sizes.items())
