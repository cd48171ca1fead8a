"""Where a reader of the changes stands: a place in `fed`, and within an advance a leaf of a log."""

from typing import NamedTuple

from fenhe_protocol.position import Position

PATTERN = r"^([1-9][0-9]{0,3}-)?[0-9]{1,15}(\.[0-9]{1,15})?$"
"""`17`; `17.4096` in the middle of the advance that leaf 17 announces; `2-17` in `fed.2`."""


class Cursor(NamedTuple):
    """A leaf of `fed`, and within the advance it announces the leaf to go on at."""

    place: Position = Position()
    at: int = 0

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor of a text of this form; without an epoch it is of the first."""
        epoch, _, leaf = text.rpartition("-")
        size, _, at = leaf.partition(".")
        return cls(Position(int(epoch or 1), int(size)), int(at or 0))

    @property
    def next(self) -> "Cursor":
        """The leaf after it."""
        return Cursor(self.place._replace(size=self.place.size + 1))

    def __str__(self) -> str:
        epoch = f"{self.place.epoch}-" if self.place.epoch > 1 else ""
        return f"{epoch}{self.place.size}" + (f".{self.at}" if self.at else "")
