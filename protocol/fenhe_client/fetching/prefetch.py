"""Fetch files ahead of need, a few at once, and hand them over in order."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from itertools import islice
from typing import TypeVar

_MOST_AT_ONCE = 8
_BYTES_AT_ONCE = 8 * 1024 * 1024

Item = TypeVar("Item")
Got = TypeVar("Got")


async def in_order(
    items: Iterable[Item],
    fetch: Callable[[Item], Awaitable[Got]],
    *,
    weigh: Callable[[Got], int],
) -> AsyncGenerator[tuple[Item, Got], None]:
    """Yield (item, what was fetched) in the order of `items`; the first error ends it in its turn.

    The first file is fetched alone, and fewer at once the more bytes they `weigh`, so that memory
    stays within bounds and a file that takes all bytes of a visit still gets them. Close it
    (`aclosing`) to stop what is under way.
    """
    waiting = iter(items)
    under_way: deque[tuple[Item, asyncio.Future[Got]]] = deque()
    at_once = heaviest = 1
    try:
        while True:
            for item in islice(waiting, max(at_once - len(under_way), 0)):
                under_way.append((item, asyncio.ensure_future(fetch(item))))
            if not under_way:
                return
            got = await under_way[0][1]
            item, _ = under_way.popleft()
            heaviest = max(heaviest, weigh(got))
            at_once = min(max(_BYTES_AT_ONCE // heaviest, 1), _MOST_AT_ONCE)
            yield item, got
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
