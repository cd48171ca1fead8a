"""Body files of one log during one visit: fetched ahead, and what becomes of those that fail.

A body file that cannot be had concerns only itself (feed, Outcomes): its lines count as missing and
are asked for at the next visit. When the visit's share is used up, or a tier fails three times in a
row, nothing more is asked.
"""

from collections import Counter

from fenhe_client.fetching.fetch import Fetcher
from fenhe_protocol.errors import Deferred, FenheError, PublisherError
from fenhe_protocol.limits import BLOCK, DEFAULTS, Limits
from fenhe_protocol.tiles import BodyFile

_TRIES = 3


class BodySource:
    """Where the body files of one visit come from.

    `error` is the first failure; `count` says how many files came.
    """

    def __init__(self, fetcher: Fetcher, limits: Limits = DEFAULTS) -> None:
        self._fetcher, self._most = fetcher, BLOCK * limits.line_bytes
        self._failures: Counter[str] = Counter()
        self.error: FenheError | None = None
        self.used_up = False
        self.count = 0

    async def get(self, file: BodyFile, *, fresh: bool) -> bytes:
        """The file, or no bytes where there is none or it cannot be had now."""
        if self.used_up or self._failures[file.tier] >= _TRIES:
            return b""
        try:
            answer = await self._fetcher.get(file.path, limit=self._most, fresh=fresh)
        except (Deferred, PublisherError) as error:
            self._failed(file, error)
            return b""
        self._failures[file.tier] = 0
        self.count += bool(answer.body)
        return answer.body

    def _failed(self, file: BodyFile, error: FenheError) -> None:
        self.error = self.error or error
        self.used_up = self.used_up or error.code.startswith("visit.")
        if isinstance(error, Deferred):
            self._failures[file.tier] += 1
