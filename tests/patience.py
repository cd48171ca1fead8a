"""Wait for what another process does: look often, give up late, and say what was seen last."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

SECONDS = 90
_BETWEEN = 0.05


def until(look: Callable[[], Seen], good: Callable[[Seen], bool] = bool) -> Seen:
    """Look until it is good; what was seen then."""
    end = time.monotonic() + SECONDS
    while not good(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(_BETWEEN)
    return seen
