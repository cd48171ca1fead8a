"""One letter on its way, as queue and server know it."""

from typing import Protocol


class Letter(Protocol):
    """A letter that waits; each queue has rows of its own."""

    @property
    def number(self) -> int:
        """Its number in the queue."""

    @property
    def to_address(self) -> str:
        """To whom."""

    @property
    def subject(self) -> str:
        """One line."""

    @property
    def body(self) -> str:
        """Plain text."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""
