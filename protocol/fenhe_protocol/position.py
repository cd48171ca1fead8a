"""A place in what a hub says, through all epochs of its own log (feed §2, §11). Pure."""

from typing import NamedTuple


class Position(NamedTuple):
    """Everything before `epoch` and, of that epoch, the leaves below `size`; they compare so.

    The whole of an ended epoch and the beginning of the next are the same place written twice.
    """

    epoch: int = 1
    size: int = 0

    def within(self, epoch: int) -> int | None:
        """How much of one epoch lies below; None where all of it does."""
        if epoch < self.epoch:
            return None
        return self.size if epoch == self.epoch else 0
