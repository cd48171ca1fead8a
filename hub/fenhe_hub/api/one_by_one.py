"""Whole lists are made one after another: each costs seconds, and anybody may ask for many at once.

Who waits holds no thread, so that pushes, visits and all other answers go on beside; for who has
gone meanwhile nothing is made.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")


class OneByOne:
    """The turns of one application."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def make(self, work: Callable[[], Made], is_wanted: Callable[[], bool]) -> Made | None:
        """Do it in a thread once everything before is done; None if nobody wants it any more."""
        async with self._turn:
            return await asyncio.to_thread(work) if is_wanted() else None
