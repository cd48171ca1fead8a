"""Rounds of the hub that are killed: children of a warmed parent. Start at `KilledRounds`.

The parent has everything imported and the registry read, and holds no database open. Each child is
a hub that starts, visits some units, says what is owed, and dies before its nth write or at any
instant. Then the next one starts from what it left.
"""

import asyncio
import gc
import os
import signal
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fenhe_client import collector
from fenhe_hub.hub import Hub, open_hub
from fenhe_hub.ingest.scour import scour
from fenhe_hub.sweep import sweep
from fenhe_hub.visiting.workshop import open_workshop
from tests.federation.dying import die_before
from tests.soak.hub_process import visit

_KIB = 1024
Work = Callable[[Hub], object]


@dataclass(frozen=True)
class Death:
    """Before the nth write, or after so many seconds of the clock on the wall."""

    write: int | None = None
    seconds: float = 2


@dataclass(frozen=True)
class Order:
    """Whom a round is to visit, and when it dies."""

    units: tuple[str, ...]
    death: Death


@dataclass(frozen=True)
class Child:
    """What became of one: whether it was killed, and how many bytes were resident at most."""

    killed: bool
    peak: int


class KilledRounds:
    """The parent."""

    def __init__(self, home: Path, now: int) -> None:
        self._hub = open_hub(home)
        collector.relax()
        self.warm(now)

    def warm(self, now: int) -> None:
        """Read the registry and root documents as they are now, so that no child has to."""
        asyncio.run(_look(self._hub, now))
        gc.freeze()

    def rounds(self, orders: Sequence[Order], now: int) -> list[Child]:
        """Let some visit at once, each these units, and die."""
        works = [(order.death, partial(_visit, order.units, now)) for order in orders]
        return self._children(works)

    def tidy(self, now: int, death: Death) -> list[Child]:
        """Let one take away what is replaced or erased, and die."""
        return self._children([(death, partial(_tidy, now))])

    def _children(self, works: Sequence[tuple[Death, Work]]) -> list[Child]:
        started = [self._start(death, work) for death, work in works]
        return [_ended(child) for child in started]

    def _start(self, death: Death, work: Work) -> int:
        if (child := os.fork()) == 0:
            _live(self._hub, death, work)
        return child


def _ended(child: int) -> Child:
    _, status, used = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, -signal.SIGKILL, -signal.SIGALRM):
        raise RuntimeError(f"a round broke: {code}, see the log")
    return Child(code != 0, used.ru_maxrss * _KIB)


async def _look(hub: Hub, now: int) -> None:
    async with open_workshop(hub, lambda: now) as workshop:
        workshop.targets()


# In the child.


def _live(hub: Hub, death: Death, work: Work) -> None:
    code = 1
    try:
        # Nobody handles its signal, so it ends the process as SIGKILL would.
        signal.setitimer(signal.ITIMER_REAL, death.seconds)
        if death.write is not None:
            die_before(death.write)
        work(hub)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _visit(units: Collection[str], now: int, hub: Hub) -> None:
    asyncio.run(_round(hub, units, now))
    scour(hub)


async def _round(hub: Hub, units: Collection[str], now: int) -> None:
    async with open_workshop(hub, lambda: now) as workshop:
        await visit(hub, workshop, lambda: now, units)


def _tidy(now: int, hub: Hub) -> None:
    sweep(hub, now)
    scour(hub)
