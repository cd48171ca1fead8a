"""Publish and let it reach the hubs: sign what changed, push what is due, look how far it has got.

What the terminal's `publish`, the console and `setup` all do. Start at `release`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from fenhe_node.delivery import Delivered, deliver, keep_alive
from fenhe_node.hubs.guard import refuse_if_behind
from fenhe_node.node import Node
from fenhe_node.publishing.publish import Progress, Published, Wait, publish
from fenhe_protocol.schema import SchemaSet


@dataclass(frozen=True, slots=True)
class Released:
    """What was signed, and how far it has got."""

    done: Published
    delivered: Delivered


async def release(
    node: Node,
    now: Callable[[], int],
    wait: Wait,
    progress: Progress,
    *,
    patient: bool,
) -> Released:
    """Publish; a refused record keeps nothing but itself from being published.

    `patient`: some seconds are waited for a hub that was told to come.
    """
    pen = node.pen(now, wait, progress)
    await refuse_if_behind(node, now)
    done = await asyncio.to_thread(publish, pen, SchemaSet.load())
    sizes = await asyncio.to_thread(keep_alive, node, pen, done.sizes)
    done = replace(done, sizes=sizes)
    return Released(done, await deliver(node, done.sizes, now, progress, wait=patient))
