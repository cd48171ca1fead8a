"""Long work that says how far it has got, and can be broken off where it says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""What, done, of how many. What it raises breaks the work off."""

_EVERY = 500
T = TypeVar("T")


def unwatched(what: str, done: int, total: int) -> None:
    """Nobody looks."""


def watched(what: str, things: Sequence[T], progress: Progress) -> Iterator[T]:
    """Go through things, and say how far."""
    total = len(things)
    for done, thing in enumerate(things):
        if done % _EVERY == 0:
            progress(what, done, total)
        yield thing
    progress(what, total, total)
