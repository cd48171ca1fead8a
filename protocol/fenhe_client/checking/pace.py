"""A self-check that leaves the machine to others: it rests much longer than it works."""

import threading
import time

_SHARE = 9  # rests this many times as long as it works
_LONGEST = 1.0  # second of one rest


class Stopped(Exception):
    """The program ends; the check begins anew with the next one."""


class Pace:
    """Called after each small piece of work; `hurry` for whoever waits for the answer."""

    def __init__(self, stop: threading.Event, *, hurry: bool = False) -> None:
        self._stop, self._hurry = stop, hurry
        self._began = time.monotonic()

    def __call__(self) -> None:
        """Rest; raises Stopped as soon as the program ends."""
        worked = time.monotonic() - self._began
        pause = 0 if self._hurry else min(worked * _SHARE, _LONGEST)
        if self._stop.wait(pause) if pause else self._stop.is_set():
            raise Stopped
        self._began = time.monotonic()
