"""How far a push goes on with a mirror that is never content: what it asks, and what comes of it.

An honest mirror takes at least one package of each upload, and each body line once. Who asks for
the same again, or for one entry at a time, is left alone until the next push. Start at
`PushBounds`.
"""

from collections.abc import Sequence

from fenhe_protocol.errors import Deferred
from fenhe_protocol.limits import BLOCK

_REQUESTS = 32  # of one run, beside those that the entries need
_STALLS = 3  # answers in a row that bring nothing on

ADVICE = (
    "节点会自己再推; 总是这样, 就请省平台查看. "
    "The node pushes again by itself; if it stays so, let the hub's operator see to it"
)

Body = tuple[int, str]
"""Index of the leaf, tier."""


class PushBounds:
    """Counts during one run of a push of one log (its origin)."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._asked = 0
        self._furthest, self._stalls = -1, 0
        self._index, self._tiers = -1, frozenset[str]()  # the last body that was looked for

    def count_request(self, path: str, size: int) -> None:
        """Count a request for a head of this size; Deferred `push.endless` beyond what it needs."""
        self._asked += 1
        most = _REQUESTS + 2 * -(-size // BLOCK)
        if self._asked > most:
            where = f"{self._origin} {path}"
            raise Deferred("push.endless", where=where, expected=f"<= {most}", advice=ADVICE)

    def begin_head(self) -> None:
        """Another head is pushed: its upload begins anew."""
        self._furthest, self._stalls = -1, 0

    def has_stalled(self, next_entry: int) -> bool:
        """Take the mirror's next entry; whether it has stood still too often."""
        self._stalls = 0 if next_entry > self._furthest else self._stalls + 1
        self._furthest = max(self._furthest, next_entry)
        return self._stalls >= _STALLS

    def unasked(self, lacking: Sequence[Body]) -> list[Body]:
        """Those bodies of an answer, lowest first, that were not asked for in this run before."""
        found = []
        for index, tier in lacking:
            if index < self._index or (index == self._index and tier in self._tiers):
                continue
            self._tiers = self._tiers | {tier} if index == self._index else frozenset({tier})
            self._index = index
            found.append((index, tier))
        return found
