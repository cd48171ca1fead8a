"""Long work that says how far it has got, and can be broken off where it says so."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""What, done, of how many. What it raises breaks the work off."""

READING = "读取文件 read"
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


def watched_read(
    read: Callable[[int], bytes], size: int, progress: Progress
) -> Callable[[int], bytes]:
    """The same `read` of something of `size` bytes, of which somebody is told how far it is."""
    done = 0

    def told(most: int) -> bytes:
        nonlocal done
        progress(READING, done, size)
        chunk = read(most)
        done = min(done + len(chunk), size)
        return chunk

    return told
