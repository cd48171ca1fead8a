"""Where the web and the jobs of one process meet: who has grown, and of whom `fed` owes a word."""

from collections.abc import Callable

Ring = Callable[[str], None]
"""Told the origin of a log."""


class Doorbell:
    """Rung by whoever answers requests; nothing is heard while no jobs run here."""

    def __init__(self) -> None:
        self._visit: Ring | None = None
        self._say: Ring | None = None

    def listen(self, visit: Ring, say: Ring) -> None:
        """From now on tell the planner (`visit`) and the publisher of `fed` (`say`)."""
        self._visit, self._say = visit, say

    def has_grown(self, origin: str) -> None:
        """A log that can be visited has a new head: come soon."""
        if self._visit is not None:
            self._visit(origin)

    def was_read(self, origin: str) -> None:
        """Something was pushed and taken in: say so in `fed`."""
        if self._say is not None:
            self._say(origin)
