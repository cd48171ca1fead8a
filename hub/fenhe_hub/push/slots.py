"""Room in memory for what is sent to be judged whole: shared out by unit, bounded for all.

A unit that is slow, or sends much at once, waits for itself alone. Start at `Slots.held`.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fenhe_protocol.errors import RequestError
from fenhe_protocol.limits import DEFAULTS


@dataclass(frozen=True, slots=True)
class Share:
    """How much may be in memory: requests and bytes of one unit, bytes of all.

    Who waits for longer than `patience` seconds is asked to come again.
    """

    requests: int = 4
    bytes: int = 2 * DEFAULTS.push_bytes
    all_bytes: int = 16 * DEFAULTS.push_bytes
    patience: float = 30.0


class Slots:
    """Who holds how much now; for one event loop."""

    def __init__(self, share: Share | None = None) -> None:
        self._share = share or Share()
        self._requests: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._freed = asyncio.Condition()

    @asynccontextmanager
    async def held(self, unit: str, size: int) -> AsyncIterator[None]:
        """Hold room for `size` bytes of a unit; RequestError 503 `push.busy` after a while."""
        try:
            async with asyncio.timeout(self._share.patience), self._freed:
                await self._freed.wait_for(lambda: self._is_free(unit, size))
                self._requests[unit] += 1
                self._bytes[unit] += size
        except TimeoutError as error:
            raise RequestError("push.busy", status=503, where=unit) from error
        try:
            yield
        finally:
            self._let_go(unit, size)
            async with self._freed:
                self._freed.notify_all()

    def _is_free(self, unit: str, size: int) -> bool:
        share = self._share
        return (
            self._requests[unit] < share.requests
            and self._bytes[unit] + size <= share.bytes
            and self._bytes.total() + size <= share.all_bytes
        )

    def _let_go(self, unit: str, size: int) -> None:
        self._requests[unit] -= 1
        self._bytes[unit] -= size
        if not self._requests[unit]:
            del self._requests[unit], self._bytes[unit]
