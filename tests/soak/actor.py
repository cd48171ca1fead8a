"""An object in a process of its own, asked over a pipe. Start at `Actor`.

    hub = Actor(HubProcess, home)
    told = hub.ask("round", now)

What breaks there is raised here, with the trace of there.
"""

import os
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, Self

from tests.forked import Forked

Make = Callable[..., Any]


class Broken(Exception):
    """What was asked raised an error, whose trace this is."""


class Actor:
    """Holds the process from here to `end`."""

    def __init__(self, make: Make, *arguments: Any, log: Path) -> None:
        """Make the object there; `make` stands at the top of a module."""
        self._link, theirs = Pipe()
        with theirs:
            self._process = Forked(_serve, log, theirs, make, *arguments)
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, method: str, *arguments: Any) -> Any:
        """Call a method there; what it returns."""
        self._link.send((method, arguments))
        return self._answer()

    def kill_during(self, method: str, *arguments: Any, seconds: float) -> None:
        """End the process so long after it began to do that."""
        self._link.send((method, arguments))
        time.sleep(seconds)
        self.end()

    def end(self) -> None:
        """Kill it."""
        self._link.close()
        self._process.kill()
        self._process.wait()

    def _answer(self) -> Any:
        broke, value = self._link.recv()
        if broke:
            raise Broken(value)
        return value


# In the process that is asked.


def _serve(log: Path, link: Connection, make: Make, *arguments: Any) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        made = make(*arguments)
    except Exception:
        link.send((True, traceback.format_exc()))
        return
    link.send((False, None))
    if isinstance(made, Served):
        made.serve(link)
        return
    while True:
        try:
            method, given = link.recv()
        except EOFError:
            return
        link.send(answer(made, method, given))


def answer(made: object, method: str, given: tuple[Any, ...]) -> tuple[bool, Any]:
    """Whether it broke, and what came of it."""
    try:
        return False, getattr(made, method)(*given)
    except Exception:
        return True, traceback.format_exc()


class Served:
    """One that waits for questions in a loop of its own."""

    def serve(self, link: Connection) -> None:
        """Answer until the link is closed."""
        raise NotImplementedError
