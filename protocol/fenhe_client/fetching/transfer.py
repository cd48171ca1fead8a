"""What one visit may cost: bytes, time and pace (feed §12). The clock comes in as a function."""

from collections.abc import Callable

from fenhe_protocol.errors import Deferred
from fenhe_protocol.limits import Limits

Clock = Callable[[], float]


class Budget:
    """Bytes and seconds that one visit to one publisher may still spend."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        # The checkpoint comes on top, so that a body file of full size still fits one visit.
        self._left = limits.visit_bytes + limits.note_bytes
        self._seconds = limits.visit_seconds
        self.deadline = clock() + limits.visit_seconds

    def spend(self, count: int, where: str) -> None:
        """Count decoded bytes; DEFER once they exceed the visit's share."""
        self._left -= count
        if self._left < 0:
            raise Deferred("visit.bytes", where=where)

    def out_of_time(self, where: str) -> Deferred:
        """The error of a visit that took too long."""
        return Deferred("visit.time", where=where, expected=f"within {self._seconds:g} s")


class Pace:
    """The least pace of one transfer: a silence as long as the idle limit is forgiven once."""

    def __init__(self, limits: Limits, clock: Clock, where: str) -> None:
        self._limits, self._clock, self._where = limits, clock, where
        self._started = clock()
        self._received = 0

    def count(self, received: int) -> None:
        """Count bytes as received; DEFER when they come too slowly."""
        self._received += received
        needed = self._received / self._limits.least_bytes_per_second
        if self._clock() - self._started > self._limits.idle_seconds + needed:
            least = f"{self._limits.least_bytes_per_second} bytes/s"
            raise Deferred("fetch.slow", where=self._where, expected=least)
